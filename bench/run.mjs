// `pnpm bench`: Ouro beside OpenSSH on this machine's loopback, the two in turn. Needs the built programs and sshd.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.mjs';
import { phases } from './measure.mjs';
import { MEASURES } from './measures.mjs';
import { createOuroSide } from './ouro.mjs';
import { formatReport, resultOf } from './report.mjs';
import { createSshSide } from './ssh.mjs';
import { median, round } from './stats.mjs';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '7' } } });
const runs = Number(options.runs);
const RESULTS = new URL('results/', import.meta.url);

async function measure({ name, of }, sides) {
  const values = new Map();
  for (const side of sides) await of(side);
  for (let run = 0; run < runs; run += 1) {
    for (const side of run % 2 === 0 ? sides : sides.toReversed()) {
      process.stderr.write(`\r\x1b[K${name}: run ${run + 1} of ${runs}, ${side.name}`);
      for (const [part, value] of Object.entries(await of(side))) {
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

async function bench(folder) {
  await using ouro = await createOuroSide(folder);
  await using ssh = await createSshSide(folder);
  const results = [];
  for (const each of MEASURES) {
    for (const [part, values] of await measure(each, [ouro, ssh])) results.push(resultOf(each, part, values));
  }
  return { machine: describeMachine(), runs, results, phases: await phaseMedians(ouro) };
}

const folder = await mkdtemp(join(tmpdir(), 'ouro-bench-'));
try {
  const report = await bench(folder);
  process.stdout.write(formatReport(report));
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL('latest.json', RESULTS), `${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
