import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const SAMPLE_EVERY_MS = 100;

/** Resident mebibytes of a process and all its descendants, but for those named in `without`. */
async function residentTree(pid, without) {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const name = /^Name:\s+(\S+)/m.exec(text)?.[1] ?? '';
  const own = without.includes(name) ? 0 : Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = await Promise.all(
    list
      .split(' ')
      .filter(Boolean)
      .map((child) => residentTree(child, without)),
  );
  return children.reduce((sum, each) => sum + each, own);
}

/** The most by which the process `pid` and its descendants grow while what `work` has started is left alone. */
export async function peakGrowth(pid, duration, work) {
  const programs = ['head', 'sh', 'bash'];
  const before = await residentTree(pid, programs);
  await using _run = await work();
  let peak = before;
  const end = performance.now() + duration;
  while (performance.now() < end) {
    peak = Math.max(peak, await residentTree(pid, programs));
    await delay(SAMPLE_EVERY_MS);
  }
  return peak - before;
}
