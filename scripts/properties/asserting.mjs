/** The seed of every property where no landing may depend on luck. */
const FIXED_SEED = 20_260_701;

/** Fake timers of a test must not stop this clock. */
const now = performance.now.bind(performance);

/**
 * fast-check's `assert`, with the seed that the environment asks for. What a property itself says comes first: a
 * kept regression names its seed and path.
 *
 * - `OURO_PROPERTY_SEED=<seed>`: every property runs on it, to replay what failed.
 * - `OURO_PROPERTY_FUZZ_MS=<ms>`: every property runs on fresh seeds, again and again, for that long.
 * - `CI=true`: every property runs on one fixed seed.
 */
export function asserting(assert, env) {
  const seed = readSeed(env);
  if (seed !== undefined) return (property, parameters) => assert(property, { seed, ...parameters });
  const fuzzMs = Number(env.OURO_PROPERTY_FUZZ_MS ?? 0);
  return fuzzMs > 0 ? (...args) => repeat(assert, args, fuzzMs) : assert;
}

function readSeed(env) {
  if (env.OURO_PROPERTY_SEED !== undefined) return Number(env.OURO_PROPERTY_SEED);
  const isFuzz = env.OURO_PROPERTY_FUZZ_MS !== undefined;
  return env.CI === 'true' && !isFuzz ? FIXED_SEED : undefined;
}

/** Whole runs of the property's own length, so that the seed of one that fails is all it takes to replay it. */
function repeat(assert, [property, parameters], forMs) {
  if (parameters?.seed !== undefined) return assert(property, parameters);
  const end = now() + forMs;
  return property.isAsync()
    ? repeatAsync(() => assert(property, parameters), end)
    : repeatSync(() => assert(property, parameters), end);
}

function repeatSync(run, end) {
  do run();
  while (now() < end);
}

async function repeatAsync(run, end) {
  do await run();
  while (now() < end);
}
