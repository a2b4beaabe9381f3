import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { finish, start } from './child.mjs';
import { peakGrowth } from './memory.mjs';
import { openTerminal } from './terminal.mjs';

const ECHO_SAMPLES = 500;
/** Keystrokes before the first that counts. */
const ECHO_WARM_UP = 50;
/** Time for a connection to stand before the first keystroke, in milliseconds: far more than either side needs. */
const ECHO_SETTLE_MS = 1500;
/** Pause between keystrokes in milliseconds, so that each finds the path at rest, as those of a fast typist do. */
const ECHO_PAUSE_MS = 3;
const THROUGHPUT_BYTES = 200 * 1024 * 1024;
/** How long the reader stalls, in milliseconds: every buffer on the way is full long before. */
const STALL_MS = 4000;

/** Milliseconds from the start of the program to the first byte of a command, and to the program's end. */
export async function connect(side) {
  await using run = start(side.command(['echo', 'x']), side.env);
  run.child.stdin.end();
  await once(run.child.stdout, 'data');
  const firstByteMs = performance.now() - run.started;
  run.child.stdout.resume();
  return { firstByteMs, exitMs: await finish(run) };
}

/** Milliseconds of a start of the program that connects to nothing. */
export async function processStart(side) {
  await using run = start(side.version, side.env);
  run.child.stdout.resume();
  return await finish(run);
}

/** Milliseconds from each keystroke at a local terminal to its echo by the far one. */
export async function echo(side) {
  await using terminal = openTerminal(side.terminal(['cat']), side.env);
  await delay(ECHO_SETTLE_MS);
  const samples = [];
  for (let index = -ECHO_WARM_UP; index < ECHO_SAMPLES; index += 1) {
    const sent = performance.now();
    await terminal.type('a');
    if (index >= 0) samples.push(performance.now() - sent);
    await delay(ECHO_PAUSE_MS);
  }
  return samples;
}

/** Megabytes (10^6) a second that a far command's output reaches this end with; the time starts with its first byte. */
export async function throughput(side) {
  await using run = start(side.command(['head', '-c', String(THROUGHPUT_BYTES), '/dev/zero']), side.env);
  run.child.stdin.end();
  let bytes = 0;
  let first = 0;
  run.child.stdout.on('data', (chunk) => {
    if (bytes === 0) first = performance.now();
    bytes += chunk.length;
  });
  await once(run.child.stdout, 'end');
  const seconds = (performance.now() - first) / 1000;
  await finish(run);
  if (bytes !== THROUGHPUT_BYTES) throw new Error(`${bytes} bytes came instead of ${THROUGHPUT_BYTES}`);
  return bytes / 1e6 / seconds;
}

/** Mebibytes by which the host's side grows while a reader of a fast command stalls. */
export async function stalledMemory(side) {
  return await peakGrowth(side.hostPid, STALL_MS, async () => {
    const run = start(side.command(['head', '-c', String(THROUGHPUT_BYTES), '/dev/zero']), side.env);
    run.child.stdin.end();
    await once(run.child.stdout, 'readable');
    return run;
  });
}

/** The phases of one connection, as the client itself tells them. */
export async function phases(side) {
  await using run = start(side.phases(['echo', 'x']), side.env);
  run.child.stdin.end();
  run.child.stdout.resume();
  await finish(run);
  const events = run
    .errors()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return events.filter(({ event }) => event === 'phase');
}
