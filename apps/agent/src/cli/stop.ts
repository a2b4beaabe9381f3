import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { STOP_WAIT_MS } from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';
import { isAlive, type LockHolder, readLock } from '../daemon/lock.ts';
import { askOnce } from '../local/client.ts';
import type { Context } from './context.ts';

/** How the agent is ended. */
export interface StopOptions {
  /** Kill it if it does not answer. */
  readonly force?: boolean;
}

const POLL_MS = 20;

const untilGone = async (holder: LockHolder, signal: AbortSignal): Promise<boolean> => {
  const deadline = performance.now() + STOP_WAIT_MS;
  while (isAlive(holder)) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS, undefined, { signal });
  }
  return true;
};

const kill = (holder: LockHolder): void => {
  if (isAlive(holder)) process.kill(holder.pid, 'SIGKILL');
};

const hangs = ({ pid }: LockHolder): AgentError =>
  new AgentError(
    'timeout',
    `The agent (pid ${pid}) does not answer or end; end it with: ouro-agent stop --force`,
  );

/** Ends the running agent and its panes. @returns whether one ran */
export async function end(context: Context, { force = false }: StopOptions): Promise<boolean> {
  const paths = context.paths();
  const holder = await readLock(paths.pidFile);
  if (holder === undefined || !isAlive(holder)) return false;
  try {
    await askOnce(paths.socket, { type: 'stop' }, Type.Null(), { signal: context.signal });
    if (await untilGone(holder, context.signal)) return true;
  } catch (thrown) {
    const code = thrown instanceof AgentError ? thrown.code : undefined;
    if (code !== 'timeout' && code !== 'not-running') throw thrown;
    if (code === 'not-running' && !isAlive(holder)) return true;
  }
  if (!force) throw hangs(holder);
  kill(holder);
  await untilGone(holder, context.signal);
  return true;
}

/** `stop` */
export async function stop(context: Context, options: StopOptions): Promise<number> {
  const ran = await end(context, options);
  context.output.line(ran ? 'The agent has stopped' : 'No agent runs');
  return 0;
}
