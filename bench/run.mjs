// `pnpm bench`: Ouro beside OpenSSH on this machine's loopback, the two in turn. Needs the built programs and sshd.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { agentRows, formatAgentRows } from './agent.mjs';
import { describeMachine } from './machine.mjs';
import { phases } from './measure.mjs';
import { MEASURES } from './measures.mjs';
import { createOuroSide } from './ouro.mjs';
import { formatReport, resultOf } from './report.mjs';
import { createSshSide } from './ssh.mjs';
import { median, round } from './stats.mjs';

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '7' }, against: { type: 'string' } },
});
const runs = Number(options.runs);
const RESULTS = new URL('results/', import.meta.url);

/** One run on a host's side that has done nothing before: what it has once grown to, it keeps. */
async function runFresh({ of }, { create }) {
  const folder = await mkdtemp(join(tmpdir(), 'ouro-bench-'));
  try {
    await using side = await create(folder);
    return await of(side);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(each, sides) {
  const { name, of, fresh } = each;
  const values = new Map();
  const once = (side) => (fresh === true ? runFresh(each, side) : of(side));
  for (const side of sides) await once(side);
  for (let run = 0; run < runs; run += 1) {
    for (const side of run % 2 === 0 ? sides : sides.toReversed()) {
      process.stderr.write(`\r\x1b[K${name}: run ${run + 1} of ${runs}, ${side.name}`);
      for (const [part, value] of Object.entries(await once(side))) {
        const bySide = values.get(part) ?? {};
        values.set(part, { ...bySide, [side.name]: [...(bySide[side.name] ?? []), value] });
      }
    }
  }
  process.stderr.write('\r\x1b[K');
  return values;
}

async function phaseMedians(side) {
  const found = new Map();
  for (let run = 0; run < runs; run += 1) {
    for (const { phase, ms } of await phases(side)) found.set(phase, [...(found.get(phase) ?? []), ms]);
  }
  return [...found].map(([phase, values]) => ({ phase, ms: round(median(values)) }));
}

/** Another checkout, built, to be compared in the same turns. */
async function sideBefore(folder) {
  if (options.against === undefined) return undefined;
  return await createOuroSide(folder, { name: 'before', checkout: resolve(options.against) });
}

async function bench(folder) {
  await using ouro = await createOuroSide(folder);
  await using ssh = await createSshSide(folder);
  await using before = await sideBefore(folder);
  const sides = [ouro, ...(before === undefined ? [] : [before]), ssh];
  const results = [];
  for (const each of MEASURES) {
    for (const [part, values] of await measure(each, sides)) results.push(resultOf(each, part, values));
  }
  return { machine: describeMachine(), runs, results, phases: await phaseMedians(ouro) };
}

const folder = await mkdtemp(join(tmpdir(), 'ouro-bench-'));
try {
  const isCompared = options.against !== undefined;
  const report = { ...(await bench(folder)), agent: isCompared ? [] : await agentRows() };
  process.stdout.write(`${formatReport(report)}${isCompared ? '' : formatAgentRows(report.agent)}`);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(
    new URL(isCompared ? 'compared.json' : 'latest.json', RESULTS),
    `${JSON.stringify(report, undefined, 2)}\n`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
