import { systemCode } from '@ouro/base/node';
import { AgentError, exitCodeOf } from '../base/errors.ts';
import type { Context } from './context.ts';
import type { Announcement } from './launch.ts';

const tell = (announcement: Announcement): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) return resolve();
    process.send(announcement, () => resolve());
  });

const toFailure = (thrown: unknown): Announcement => ({
  type: 'failed',
  code: thrown instanceof Error ? (systemCode(thrown) ?? '') : 'internal',
  message: thrown instanceof Error ? thrown.message : 'The agent could not start',
  exit: exitCodeOf(thrown),
});

/** The daemon itself, as a child of `start`: it says over the IPC channel whether it came up. */
export async function daemon(context: Context): Promise<number> {
  if (process.send === undefined) {
    throw new AgentError('usage', 'This command is for the agent itself; use: ouro-agent start');
  }
  try {
    const { runDaemon } = await import('../daemon/run.ts');
    await runDaemon({
      paths: context.paths(),
      version: context.version,
      env: context.env,
      signal: context.signal,
      onReady: ({ address, warnings }) => {
        void tell({ type: 'ready', pid: process.pid, address, warnings: [...warnings] }).then(() => {
          if (process.connected) process.disconnect?.();
        });
      },
    });
    return 0;
  } catch (thrown) {
    await tell(toFailure(thrown));
    return exitCodeOf(thrown);
  }
}
