// `pnpm bench`: Ouro beside OpenSSH on this machine's loopback, the two in turn. Needs the built programs and sshd.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.mjs';
import { connect, echo, phases, processStart, stalledMemory, throughput } from './measure.mjs';
import { createOuroSide } from './ouro.mjs';
import { createSshSide } from './ssh.mjs';
import { median, quantile, round } from './stats.mjs';
import { formatTable } from './table.mjs';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '7' } } });
const runs = Number(options.runs);
const RESULTS = new URL('results/', import.meta.url);

/** What is measured: how a run of one side gives values, and what Ouro aims at. */
const MEASURES = [
  { name: 'program start', unit: 'ms', of: async (side) => ({ '': await processStart(side) }) },
  {
    name: 'connect',
    unit: 'ms',
    of: async (side) => {
      const { firstByteMs, exitMs } = await connect(side);
      return { 'to first byte': firstByteMs, 'to exit': exitMs };
    },
    aims: { 'to first byte': { ratio: 0.5 } },
  },
  {
    name: 'echo',
    unit: 'ms',
    of: async (side) => {
      const samples = await echo(side);
      return { p50: median(samples), p99: quantile(samples, 0.99) };
    },
    aims: { p50: { ratio: 2 } },
  },
  {
    name: 'throughput',
    unit: 'MB/s',
    of: async (side) => ({ '': await throughput(side) }),
    aims: { '': { atLeast: 18 } },
  },
  {
    name: 'stalled memory',
    unit: 'MiB',
    of: async (side) => ({ '': await stalledMemory(side) }),
    aims: { '': { atMost: 64 } },
  },
];

async function measure({ name, of }, sides) {
  const values = new Map();
  for (const side of sides) await of(side);
  for (let run = 0; run < runs; run += 1) {
    for (const side of run % 2 === 0 ? sides : sides.toReversed()) {
      process.stderr.write(`\r\x1b[K${name}: run ${run + 1} of ${runs}, ${side.name}`);
      for (const [part, value] of Object.entries(await of(side))) {
        const bySide = values.get(part) ?? {};
        values.set(part, bySide);
        (bySide[side.name] ??= []).push(value);
      }
    }
  }
  process.stderr.write('\r\x1b[K');
  return values;
}

function meets(aim, ouro, ssh) {
  if (aim === undefined) return undefined;
  if (aim.ratio !== undefined) return ouro / ssh <= aim.ratio;
  return aim.atLeast === undefined ? ouro <= aim.atMost : ouro >= aim.atLeast;
}

function aimText(aim, met) {
  if (aim === undefined) return '';
  const text =
    aim.ratio === undefined
      ? aim.atLeast === undefined
        ? `<= ${aim.atMost}`
        : `>= ${aim.atLeast}`
      : `<= ${aim.ratio} x`;
  return `${text} ${met ? 'met' : 'MISSED'}`;
}

function resultOf(measure_, part, { ouro, ssh }) {
  const [a, b] = [median(ouro), median(ssh)];
  const aim = measure_.aims?.[part];
  return {
    name: `${measure_.name} ${part}`.trim(),
    unit: measure_.unit,
    ouro: round(a),
    ssh: round(b),
    ratio: round(a / b),
    ...(aim === undefined ? {} : { aim, met: meets(aim, a, b) }),
    runs: { ouro: ouro.map(round), ssh: ssh.map(round) },
  };
}

async function phaseMedians(side) {
  const found = new Map();
  for (let run = 0; run < runs; run += 1) {
    for (const { phase, ms } of await phases(side)) found.set(phase, [...(found.get(phase) ?? []), ms]);
  }
  return [...found].map(([phase, values]) => ({ phase, ms: round(median(values)) }));
}

async function bench(folder) {
  await using ouro = await createOuroSide(folder);
  await using ssh = await createSshSide(folder);
  const results = [];
  for (const each of MEASURES) {
    for (const [part, values] of await measure(each, [ouro, ssh])) results.push(resultOf(each, part, values));
  }
  return { machine: describeMachine(), runs, results, phases: await phaseMedians(ouro) };
}

function show({ machine, results, phases: steps }) {
  const rows = results.map(({ name, unit, ouro, ssh, ratio, aim, met }) => [
    `${name} (${unit})`,
    String(ouro),
    String(ssh),
    `${ratio} x`,
    aimText(aim, met),
  ]);
  process.stdout.write(`${machine}\nMedians of ${runs} runs each, in turn.\n\n`);
  process.stdout.write(`${formatTable([['', 'ouro', 'ssh', 'ratio', 'aim'], ...rows])}\n\n`);
  process.stdout.write(`Ouro's phases: ${steps.map(({ phase, ms }) => `${phase} ${ms} ms`).join(', ')}\n`);
}

const folder = await mkdtemp(join(tmpdir(), 'ouro-bench-'));
try {
  const report = await bench(folder);
  show(report);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL('latest.json', RESULTS), `${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
