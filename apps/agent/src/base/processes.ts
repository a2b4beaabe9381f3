import { readFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { systemCode } from '@ouro/base/node';
import type { SignalName } from '@ouro/session';

/** Signals a whole process group; one that is gone is fine. @throws the system's error otherwise */
export function signalGroup(group: number, name: SignalName): void {
  try {
    process.kill(-group, `SIG${name}`);
  } catch (thrown) {
    if (systemCode(thrown) !== 'ESRCH') throw thrown;
  }
}

/** Fields of /proc/<pid>/stat behind the name in parentheses, or none where there is no such file (proc_pid_stat(5)). */
const statFields = (pid: number): string[] => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
};

/** `state` is field 3 of the whole line, and the first behind the name. */
const STATE = 0;
/** `tpgid` is field 8 of the whole line, and field 6 behind the name. */
const TPGID = 5;
/** `starttime` is field 22 of the whole line. */
const START_TIME = 19;

/** The process group in the foreground of the terminal of `pid`, or undefined where it cannot be known. */
export function foregroundGroup(pid: number): number | undefined {
  const group = Number(statFields(pid)[TPGID] ?? '-1');
  return group > 1 ? group : undefined;
}

/** When a process started, in ticks since boot: with the pid it names a process for good. Undefined where unknown. */
export const startTime = (pid: number): string | undefined => statFields(pid)[START_TIME];

/** Whether a process has ended and only waits for its parent to take note; its pid still answers. */
export const isZombie = (pid: number): boolean => /^[ZX]$/.test(statFields(pid)[STATE] ?? '');

/** The working directory of a process, where the system tells. */
export async function workingDirectory(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
