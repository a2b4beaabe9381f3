/**
 * `pnpm --filter @ouro/e2e bench:roaming`: how long a client that moves to another address in the middle of output
 * shows nothing, with mosh for comparison where it is installed. Needs root, the lab's tools and the built programs.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ENDPOINT, giveKey, makeLoginKey, Pty, RoamingLab, whereIs } from '../lab/index.ts';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '20' } } });
const runs = Number(options.runs);
/** One way, in ms. */
const DELAYS = [undefined, 25] as const;
const RESULTS = new URL('../../../../bench/results/', import.meta.url);

/** Something new on the screen each 10 ms or so. */
const OUTPUT = 'while :; do date +%N; sleep 0.01; done';
/** The silence after a move begins within this time: what was on its way is shown still. */
const IN_FLIGHT_MS = 200;
/** Longest silence that is waited for. */
const MAX_SILENCE_MS = 12_000;
/** Time for a client to come to rest between two moves, and to show that it goes on. */
const REST_MS = 2_000;

const PROGRAMS: readonly { name: string; command: readonly string[] }[] = [
  { name: 'ouro', command: ['ouro', ENDPOINT, '--', 'sh', '-c', OUTPUT] },
  ...(whereIs('mosh') ? [{ name: 'mosh', command: ['mosh', 'ada@box', '--', 'sh', '-c', OUTPUT] }] : []),
];

/** Milliseconds from the cut to the first byte after the silence. */
const silenceAfterMove = async (roaming: RoamingLab, arrivals: number[]): Promise<number> => {
  arrivals.length = 0;
  const cut = await roaming.move();
  const end = Date.now() + MAX_SILENCE_MS;
  await sleep(REST_MS);
  while (Date.now() < end && Date.now() - (arrivals.at(-1) ?? 0) > IN_FLIGHT_MS) await sleep(50);
  await sleep(REST_MS);
  let longest = { gap: 0, until: cut };
  let before = cut;
  for (const at of arrivals.filter((arrival) => arrival > cut)) {
    if (before - cut < IN_FLIGHT_MS && at - before > longest.gap) longest = { gap: at - before, until: at };
    before = at;
  }
  return longest.until - cut;
};

interface Row {
  readonly name: string;
  readonly oneWayMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly ms: readonly number[];
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

const measure = async (
  roaming: RoamingLab,
  { name, command }: (typeof PROGRAMS)[number],
  oneWayMs: number,
): Promise<Row> => {
  const arrivals: number[] = [];
  await using pty = Pty.start(roaming.laptop, command, { user: 'me', env: { LANG: 'C.UTF-8' } });
  pty.onData(() => arrivals.push(performance.timeOrigin + performance.now()));
  await pty.shows(/\d{9}[\s\S]*\d{9}/);
  const ms: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    process.stderr.write(`\r\x1b[K${name}, ${oneWayMs} ms: ${run + 1} of ${runs}`);
    ms.push(Math.round(await silenceAfterMove(roaming, arrivals)));
  }
  process.stderr.write('\r\x1b[K');
  const sorted = ms.toSorted((a, b) => a - b);
  return { name, oneWayMs, p50Ms: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95), ms };
};

const rows: Row[] = [];
for (const delayMs of DELAYS) {
  const key = await makeLoginKey();
  await using roaming = await RoamingLab.create({ key, ...(delayMs === undefined ? {} : { delayMs }) });
  await giveKey(roaming.lab, roaming.laptop, 'me', key, 'box');
  for (const program of PROGRAMS) rows.push(await measure(roaming, program, delayMs ?? 0));
}
console.log(`From the move to the next byte on the screen, ms (${runs} runs); the delay is one way`);
for (const { name, oneWayMs, p50Ms, p95Ms, ms } of rows) {
  console.log(
    `${name.padEnd(6)} ${String(oneWayMs).padStart(3)} ms  p50 ${p50Ms}  p95 ${p95Ms}  (${ms.join(' ')})`,
  );
}
await mkdir(RESULTS, { recursive: true });
await writeFile(
  new URL('roaming.json', RESULTS),
  `${JSON.stringify({ runs, results: rows }, undefined, 2)}\n`,
);
