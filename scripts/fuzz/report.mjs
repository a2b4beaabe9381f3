/** How fast-check names the run that failed. */
const SEED = /\{ seed: (-?\d+), path: "([\d:]*)"/;

/** The seed and path of a failed property. */
export function seedOf(message) {
  const [, seed, path] = SEED.exec(message) ?? [];
  return seed === undefined ? undefined : { seed, path };
}

/**
 * What was found and how to see it again.
 *
 * @param {import('./turn.mjs').Find} find
 */
export function report({ file, test, message }) {
  const failed = seedOf(message);
  const title = `\nfound: ${file}${test === '' ? '' : ` > ${test}`}\n`;
  if (failed === undefined) return `${title}  not by a seed: ${indent(message)}\n`;
  const { seed, path } = failed;
  const replay = `OURO_PROPERTY_SEED=${seed} pnpm vitest run ${file} -t ${quote(pattern(test))}`;
  return `${title}  seed: ${seed}\n  path: ${path}\n  ${indent(message)}\n  replay: ${replay}\n`;
}

const indent = (text) => text.trimEnd().replaceAll('\n', '\n  ');

/** `-t` takes a regular expression over the names of suites and test, joined by spaces. */
const pattern = (test) => test.replaceAll(' > ', ' ').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** For a POSIX shell. */
const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
