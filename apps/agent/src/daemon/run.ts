import { onAbort } from '@ouro/base';
import { Identity } from '@ouro/fingerprint';
import type { Logger } from '@ouro/session';
import { STOP_TIMEOUT_MS } from '../base/constants.ts';
import { ensurePrivateDir } from '../base/files.ts';
import { inState, type Paths } from '../base/paths.ts';
import { loadConfig } from '../config/parse.ts';
import { Agent, type StopReason } from './agent.ts';
import { watchFaults } from './faults.ts';
import { acquireLock } from './lock.ts';
import { LogFile } from './log-file.ts';
import { createLogger } from './logger.ts';

/** What the daemon is started with. */
export interface DaemonOptions {
  readonly paths: Paths;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called once, when it listens. */
  readonly onReady: (ready: { address: string; warnings: readonly string[] }) => void;
  /** Somebody starts it again when it ends with `restart`: a service manager. */
  readonly supervised?: boolean;
  /** Fires when the daemon is to stop. */
  readonly signal: AbortSignal;
}

/**
 * The daemon from its lock to its end.
 *
 * @returns what was asked for: to stop, or to be started again by whoever supervises it
 * @throws AgentError, FingerprintError when it cannot start; AgentError `internal` when it ended by a fault of its own
 */
export async function runDaemon(options: DaemonOptions): Promise<StopReason> {
  const { paths, version, env, onReady, supervised = false, signal } = options;
  for (const dir of [paths.configDir, paths.stateDir, paths.runtimeDir]) await ensurePrivateDir(dir);
  await using lock = await acquireLock(paths.pidFile);
  const { config, warnings } = await loadConfig(paths.config);
  using file = new LogFile(inState(paths, config.log.file ?? paths.log));
  const logger = createLogger(config.log.level, file);
  using faults = watchFaults(logger);
  if (lock.wasStale)
    logger.warn({}, 'the last agent died without a word; its socket and pid file are cleared');
  for (const warning of warnings) logger.warn({ warning }, 'config');
  const identity = await Identity.loadOrCreate(paths.identity);
  const agent = await Agent.start({
    ...{ paths, config, identity, version, env, supervised, logger },
    clock: Date,
  });
  try {
    for (const warning of agent.warnings) logger.warn({ warning }, 'ports');
    logger.info({ version, address: agent.address, fingerprint: identity.fingerprint.compact }, 'ready');
    onReady({ address: agent.address, warnings: [...warnings, ...agent.warnings] });
    const reason = await Promise.race([untilStop(agent.stopAsked, signal), faults.fault]);
    logger.info({ reason }, 'stopping');
    return reason;
  } finally {
    await within(agent[Symbol.asyncDispose](), STOP_TIMEOUT_MS, logger);
    logger.info({}, 'stopped');
  }
}

const untilStop = async (asked: Promise<StopReason>, signal: AbortSignal): Promise<StopReason> => {
  const { promise, resolve } = Promise.withResolvers<StopReason>();
  using _abort = onAbort(signal, () => resolve('stop'));
  return await Promise.race([asked, promise]);
};

/** Waits for the end of the work, but not for ever: a part that hangs must not keep the process. */
const within = async (work: Promise<void>, ms: number, logger: Logger): Promise<void> => {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    logger.error({ ms }, 'the stop took too long; what is left is cut off');
    resolve();
  }, ms);
  await Promise.race([
    work.catch((error: unknown) => logger.error({ err: error }, 'stop met a fault')),
    late,
  ]);
  clearTimeout(timer);
};
