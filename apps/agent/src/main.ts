import { CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { AGENT_EXIT_CODES, exitCodeOf } from './base/errors.ts';
import { processContext } from './cli/context.ts';
import { DAEMON_COMMAND, RESTARTER_COMMAND } from './cli/hidden-commands.ts';
import { createProgram } from './cli/program.ts';

/**
 * A hangup is not for them: the daemon and its restarter outlive their terminal, and `accept` hears it as the end of its
 * input.
 */
const DEAF = [DAEMON_COMMAND, RESTARTER_COMMAND, 'accept'];

/** Ends on these, on the second one at once. */
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (name === 'SIGHUP' && DEAF.includes(process.argv[2] ?? '')) return;
    if (stop.signal.aborted) process.exit(AGENT_EXIT_CODES.aborted);
    stop.abort();
  });
}

const context = processContext(manifest.version, stop.signal);

const run = async (): Promise<number> => {
  let code = 0;
  try {
    const program = createProgram(context, (exitCode) => {
      code = exitCode;
    });
    await program.parseAsync(process.argv);
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : AGENT_EXIT_CODES.usage;
    const text = thrown instanceof Error ? thrown.message : 'It failed';
    context.output.note(`ouro-agent: ${text}`);
    return exitCodeOf(thrown);
  }
};

const code = await run();
// Whatever is still open in a library must not keep the process; what was written is flushed first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
