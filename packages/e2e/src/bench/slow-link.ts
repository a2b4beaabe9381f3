/**
 * `pnpm --filter @ouro/e2e bench:slow-link`: time to first byte over links with delay, and the round trips in it.
 * Needs root, the lab's tools and the built programs.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { giveKey, type Host, hostTaking, Lab, makeLoginKey, putAgent, putClient } from '../lab/index.ts';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runs = Number(options.runs);
/** One way, in ms. */
const DELAYS = [0, 50, 100] as const;
const RESULTS = new URL('../../../../bench/results/', import.meta.url);

/** Milliseconds from the start of a program to the first byte of the far command. */
const firstByte = (laptop: Host, command: readonly string[]): Promise<number> => {
  const start = performance.now();
  const child = laptop.spawnRaw(command, { user: 'me' });
  let said = '';
  let at: number | undefined;
  child.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stdout?.once('data', () => {
    at = performance.now() - start;
  });
  child.stdin?.end();
  return new Promise((resolve, reject) => {
    child.once('close', () =>
      at === undefined ? reject(new Error(`${command.join(' ')}: ${said}`)) : resolve(at),
    );
  });
};

const medianOf = async (laptop: Host, command: readonly string[]): Promise<number> => {
  // The first one warms caches up.
  await firstByte(laptop, command);
  const values: number[] = [];
  for (let run = 0; run < runs; run++) values.push(await firstByte(laptop, command));
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
};

const buildLab = async (): Promise<Lab> => {
  const key = await makeLoginKey();
  const lab = await Lab.create({
    hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
    links: [{ between: ['laptop', 'box'], delayMs: 0 }],
  });
  const [laptop, box] = [lab.host('laptop'), lab.host('box')];
  await giveKey(lab, laptop, 'me', key, 'box');
  await putClient(laptop);
  await putAgent(box, { home: 'ada' });
  await box.writeHome('ada', '.config/ouro/agent.toml', '[net]\nhttp_server = "0.0.0.0:7777"\n');
  // The first connection starts the agent, and lets this client in by HTTP.
  await laptop.must(['ouro', '--authorize', 'ada@box', '--', 'true'], { user: 'me' });
  return lab;
};

const WAYS: readonly { name: string; command: readonly string[] }[] = [
  { name: 'ssh', command: ['ssh', 'ada@box', 'echo', 'x'] },
  { name: 'ouro, plain SSH', command: ['ouro', '--ssh', 'ada@box', '--', 'echo', 'x'] },
  { name: 'ouro, hybrid', command: ['ouro', 'ada@box', '--', 'echo', 'x'] },
  { name: 'ouro, WHIP again', command: ['ouro', 'http://box:7777', '--', 'echo', 'x'] },
];

interface Row {
  readonly name: string;
  readonly ms: Record<number, number>;
  roundTrips: number;
}

const bench = async (): Promise<Row[]> => {
  await using lab = await buildLab();
  const laptop = lab.host('laptop');
  const rows: Row[] = WAYS.map(({ name }) => ({ name, ms: {}, roundTrips: 0 }));
  for (const delay of DELAYS) {
    await lab.link('laptop', 'box').set({ delayMs: delay });
    for (const [index, { name, command }] of WAYS.entries()) {
      process.stderr.write(`\r\x1b[K${delay} ms: ${name}`);
      const row = rows[index];
      if (row) row.ms[delay] = Math.round((await medianOf(laptop, command)) * 10) / 10;
    }
  }
  process.stderr.write('\r\x1b[K');
  for (const row of rows) {
    row.roundTrips = Math.round((((row.ms[100] ?? 0) - (row.ms[0] ?? 0)) / 200) * 10) / 10;
  }
  return rows;
};

const rows = await bench();
console.log(`Time to first byte, ms (median of ${runs}); the delay is one way`);
console.log(`${'way'.padEnd(18)}${DELAYS.map((delay) => `${delay} ms`.padStart(9)).join('')}  round trips`);
for (const { name, ms, roundTrips } of rows) {
  console.log(
    `${name.padEnd(18)}${DELAYS.map((delay) => String(ms[delay]).padStart(9)).join('')}  ${roundTrips}`,
  );
}
await mkdir(RESULTS, { recursive: true });
await writeFile(
  new URL('slow-link.json', RESULTS),
  `${JSON.stringify({ runs, results: rows }, undefined, 2)}\n`,
);
