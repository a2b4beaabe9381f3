import { AgentError } from '../base/errors.ts';
import type { AgentLogger } from './logger.ts';
import { serializeFault } from './logger.ts';

/** Waits for what nobody caught. Disposing it ends that. */
export interface FaultWatch extends Disposable {
  /** Rejects with AgentError `internal` on the first fault. */
  readonly fault: Promise<never>;
}

/**
 * Watches for exceptions and rejections that nobody caught. What the program's state is after one cannot be known, so the
 * first is the end of the agent; those that follow while it ends are only logged.
 */
export function watchFaults(logger: AgentLogger): FaultWatch {
  const { promise: fault, reject } = Promise.withResolvers<never>();
  // Between two that wait for it, nobody may.
  fault.catch(() => {});
  const onFault = (thrown: unknown) => {
    logger.fatal({ fault: serializeFault(thrown) }, 'a fault that nobody caught: the agent ends');
    reject(new AgentError('internal', 'The agent met a fault of its own and has ended; its log has more'));
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
  return {
    fault,
    [Symbol.dispose]: () => {
      process.off('uncaughtException', onFault);
      process.off('unhandledRejection', onFault);
    },
  };
}
