import { RESTART_EXIT } from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';
import type { Context } from './context.ts';
import { launchDaemon } from './launch.ts';

/** `start`: the daemon in the background, or here with `foreground`. Started already is as good as started. */
export async function start(context: Context, options: { foreground?: boolean }): Promise<number> {
  if (options.foreground === true) return foreground(context);
  const { output } = context;
  try {
    const { pid, address, warnings } = await launchDaemon(context);
    for (const warning of warnings) output.note(`warning: ${warning}`);
    output.line(`The agent is ready (pid ${pid}), listening on ${address}`);
  } catch (thrown) {
    if (!(thrown instanceof AgentError) || thrown.code !== 'already-running') throw thrown;
    output.line(thrown.message);
  }
  return 0;
}

async function foreground({ paths, version, env, signal, output }: Context): Promise<number> {
  const { runDaemon } = await import('../daemon/run.ts');
  const reason = await runDaemon({
    paths: paths(),
    version,
    env,
    signal,
    // systemd.exec(5): set for what a unit of systemd runs; ours starts it again after this exit status.
    supervised: env.INVOCATION_ID !== undefined,
    onReady: ({ address, warnings }) => {
      for (const warning of warnings) output.note(`warning: ${warning}`);
      output.line(`listening on ${address}`);
    },
  });
  return reason === 'restart' ? RESTART_EXIT : 0;
}
