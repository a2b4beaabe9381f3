import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { STOP_WAIT_MS } from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';
import { isAlive, type LockHolder, readLock } from '../daemon/lock.ts';
import { askOnce } from '../local/client.ts';
import { StoppingSchema } from '../local/protocol.ts';
import type { Context } from './context.ts';

/** How the agent is ended. */
export interface StopOptions {
  /** Kill it if it does not answer. */
  readonly force?: boolean;
}

/** What became of an agent that was asked to end. */
export interface Ended {
  /** One ran. */
  readonly ran: boolean;
  /** Its supervisor starts it again. */
  readonly supervised: boolean;
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

/** Ends the running agent and its panes; for a `restart` its supervisor, if it has one, is to start it again. */
export async function end(
  context: Context,
  { force = false, restart = false }: StopOptions & { restart?: boolean },
): Promise<Ended> {
  const paths = context.paths();
  const holder = await readLock(paths.pidFile);
  if (holder === undefined || !isAlive(holder)) return { ran: false, supervised: false };
  try {
    const supervised = await askToStop(context, restart);
    if (await untilGone(holder, context.signal)) return { ran: true, supervised };
  } catch (thrown) {
    const code = thrown instanceof AgentError ? thrown.code : undefined;
    if (code !== 'timeout' && code !== 'not-running') throw thrown;
    if (code === 'not-running' && !isAlive(holder)) return { ran: true, supervised: false };
  }
  if (!force) throw hangs(holder);
  kill(holder);
  await untilGone(holder, context.signal);
  return { ran: true, supervised: false };
}

/** @returns whether its supervisor starts it again */
async function askToStop(context: Context, restart: boolean): Promise<boolean> {
  const { socket } = context.paths();
  const options = { signal: context.signal };
  if (restart) return (await askOnce(socket, { type: 'stop', restart }, StoppingSchema, options)).supervised;
  await askOnce(socket, { type: 'stop' }, Type.Null(), options);
  return false;
}

/** `stop` */
export async function stop(context: Context, options: StopOptions): Promise<number> {
  const { ran } = await end(context, options);
  context.output.line(ran ? 'The agent has stopped' : 'No agent runs');
  return 0;
}
