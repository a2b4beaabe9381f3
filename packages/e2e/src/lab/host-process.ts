import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** How a process on a host ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Pid of the process behind a child of ours that entered a host, as the machine sees it. */
const innerPid = async ({ pid }: ChildProcess): Promise<number | undefined> => {
  if (pid === undefined) return undefined;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const inner = Number(children.trim().split(' ')[0]);
  return inner > 0 ? inner : undefined;
};

/** Sends a signal to the process behind a child of ours that entered a host; false when it is gone. */
export const killInner = async (child: ChildProcess, signal: NodeJS.Signals): Promise<boolean> => {
  const pid = await innerPid(child);
  if (pid === undefined) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
};

/** A process on a host that runs on. `child` is the one we hold; it stands in front of the host's and passes its stdio. */
export class HostProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly exited: Promise<ProcessExit>;
  #output = '';

  constructor(child: ChildProcess) {
    this.child = child;
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString('utf8');
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.stdin?.on('error', () => {});
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    this.exited.catch(() => {});
  }

  /** All that it said on stdout and stderr so far. */
  get output(): string {
    return this.#output;
  }

  /** Its pid as the machine sees it. */
  pid(): Promise<number | undefined> {
    return innerPid(this.child);
  }

  /** Sends a signal to the process itself. False when it is gone. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<boolean> {
    return killInner(this.child, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    if (!(await this.kill('SIGKILL'))) this.child.kill('SIGKILL');
    await this.exited;
  }
}
