import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { homedir } from 'node:os';
import { onAbort } from '@ouro/base';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { START_TIMEOUT_MS } from '../base/constants.ts';
import { AGENT_EXIT_CODES, AgentError, isAgentErrorCode } from '../base/errors.ts';
import { ensurePrivateDir } from '../base/files.ts';
import { inState } from '../base/paths.ts';
import { loadConfig } from '../config/parse.ts';
import { openCrashLog } from '../daemon/log-file.ts';
import type { Context } from './context.ts';
import { DAEMON_COMMAND } from './hidden-commands.ts';

/** What the daemon tells the process that started it, once. */
export const AnnouncementSchema = Type.Union([
  Type.Object({
    type: Type.Literal('ready'),
    pid: Type.Integer(),
    address: Type.String(),
    warnings: Type.Array(Type.String()),
  }),
  Type.Object({
    type: Type.Literal('failed'),
    code: Type.String(),
    message: Type.String(),
    exit: Type.Integer(),
  }),
]);

export type Announcement = Static<typeof AnnouncementSchema>;
export type Ready = Extract<Announcement, { type: 'ready' }>;

/**
 * Starts the daemon, detached from this terminal, and waits until it listens.
 *
 * @throws AgentError what the daemon failed with (`already-running` among them), `timeout`, `internal`
 */
export async function launchDaemon(context: Context): Promise<Ready> {
  const crashLog = await openCrashOutput(context);
  const [node = process.execPath, ...args] = context.self;
  const child = spawn(node, [...args, DAEMON_COMMAND], {
    detached: true,
    cwd: homedir(),
    env: context.env,
    stdio: ['ignore', crashLog.fd, crashLog.fd, 'ipc'],
  });
  closeSync(crashLog.fd);
  try {
    const announcement = await announced(child, crashLog.path, context.signal);
    if (announcement.type === 'failed') throw toFailure(announcement);
    return announcement;
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Where a process of the agent without a terminal writes what it has no other place for. @throws AgentError `config` */
export async function openCrashOutput(context: Context): Promise<{ fd: number; path: string }> {
  const paths = context.paths();
  await ensurePrivateDir(paths.stateDir);
  const { config } = await loadConfig(paths.config);
  const path = inState(paths, config.log.error ?? paths.crashLog);
  return { fd: openCrashLog(path), path };
}

/** What the daemon failed with; a code of another package becomes one with the same exit code. */
const toFailure = (failed: Extract<Announcement, { type: 'failed' }>): Error => {
  if (isAgentErrorCode(failed.code)) return new AgentError(failed.code, failed.message);
  const same = Object.entries(AGENT_EXIT_CODES).find(([, exit]) => exit === failed.exit)?.[0] ?? '';
  return new AgentError(isAgentErrorCode(same) ? same : 'internal', failed.message);
};

const announced = (child: ChildProcess, crashLog: string, signal: AbortSignal): Promise<Announcement> => {
  const { promise, resolve, reject } = Promise.withResolvers<Announcement>();
  const late = new AgentError(
    'timeout',
    `The agent is not ready after ${START_TIMEOUT_MS / 1000} s; its log may tell why: ${crashLog}`,
  );
  const timer = setTimeout(() => reject(late), START_TIMEOUT_MS);
  const cancel = onAbort(signal, () => reject(new AgentError('aborted', 'Cancelled')));
  child.on('message', (message) => {
    if (Value.Check(AnnouncementSchema, message)) resolve(message);
  });
  child.on('error', (cause) => reject(new AgentError('system', 'The agent could not be started', { cause })));
  child.on('exit', (code, killer) => {
    reject(
      new AgentError('internal', `The agent ended (${killer ?? code}) before it was ready; see ${crashLog}`),
    );
  });
  return promise.finally(() => {
    clearTimeout(timer);
    cancel[Symbol.dispose]();
    child.removeAllListeners();
  });
};
