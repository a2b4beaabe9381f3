import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { homedir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline, onAbort } from '@ouro/base';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { SUPERVISED_START_MS } from '../base/constants.ts';
import { AgentError, exitCodeOf } from '../base/errors.ts';
import { askOnce } from '../local/client.ts';
import { StatusSchema } from '../local/protocol.ts';
import type { Context } from './context.ts';
import { RESTARTER_COMMAND } from './hidden-commands.ts';
import { openCrashOutput } from './launch.ts';
import { start } from './start.ts';
import { end, type StopOptions } from './stop.ts';

/** Pause between two looks for an agent that somebody else starts, in ms. */
const POLL_MS = 100;

/** What the restarter tells who started it, as long as there is someone. */
const ReportSchema = Type.Union([
  Type.Object({ type: Type.Literal('line'), text: Type.String() }),
  Type.Object({ type: Type.Literal('note'), text: Type.String() }),
  Type.Object({ type: Type.Literal('done'), exit: Type.Integer() }),
]);

type Report = Static<typeof ReportSchema>;

/**
 * `restart`. The work is done by a process of its own session, without a terminal: run in a pane of this very agent,
 * this one ends with the pane. A config that is wrong is told before anything is stopped.
 *
 * @throws AgentError `config`, `internal`, `aborted`
 */
export async function restart(context: Context, { force = false }: StopOptions): Promise<number> {
  const output = await openCrashOutput(context);
  const [node = process.execPath, ...args] = context.self;
  const child = spawn(node, [...args, RESTARTER_COMMAND, ...(force ? ['--force'] : [])], {
    detached: true,
    cwd: homedir(),
    env: context.env,
    stdio: ['ignore', output.fd, output.fd, 'ipc'],
  });
  closeSync(output.fd);
  try {
    return await relay(child, context, output.path);
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Prints what the restarter says. @returns its exit code */
function relay(child: ChildProcess, { output, signal }: Context, crashLog: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const leave = onAbort(signal, () =>
    reject(new AgentError('aborted', 'The restart goes on in the background')),
  );
  child.on('message', (report) => {
    if (!Value.Check(ReportSchema, report)) return;
    if (report.type === 'done') resolve(report.exit);
    else output[report.type](report.text);
  });
  child.on('error', (cause) =>
    reject(new AgentError('system', 'The restart could not be started', { cause })),
  );
  child.on('exit', (code, killer) =>
    reject(new AgentError('internal', `The restart ended (${killer ?? code}) half way; see ${crashLog}`)),
  );
  return promise.finally(() => leave[Symbol.dispose]());
}

/** The restarter itself. Its words go to its standard error when nobody listens any more. */
export async function restarter(context: Context, options: StopOptions): Promise<number> {
  const output = {
    ...context.output,
    line: (text = '') => void tell({ type: 'line', text }),
    note: (text: string) => void tell({ type: 'note', text }),
  };
  const exit = await restartHere({ ...context, output }, options);
  await tell({ type: 'done', exit });
  return exit;
}

async function restartHere(context: Context, options: StopOptions): Promise<number> {
  try {
    const { supervised } = await end(context, { ...options, restart: true });
    return supervised ? await untilSupervised(context) : await start(context, {});
  } catch (thrown) {
    context.output.note(`ouro-agent: ${thrown instanceof Error ? thrown.message : 'It failed'}`);
    return exitCodeOf(thrown);
  }
}

/** A service manager starts it: it is known to be up when it answers. @throws AgentError `timeout` */
async function untilSupervised(context: Context): Promise<number> {
  using deadline = new Deadline(context.signal, SUPERVISED_START_MS, {
    reason: () =>
      new AgentError(
        'timeout',
        'The agent has ended, and its service manager has not started it again; look there: systemctl --user status ouro-agent',
      ),
  });
  for (;;) {
    const up = await askOnce(context.paths().socket, { type: 'status' }, StatusSchema, deadline).catch(
      () => undefined,
    );
    deadline.signal.throwIfAborted();
    if (up !== undefined) {
      context.output.line(`The agent is ready (pid ${up.pid}), listening on ${up.address}`);
      return 0;
    }
    await sleep(POLL_MS, undefined, deadline).catch(() => undefined);
  }
}

const tell = (report: Report): Promise<void> =>
  new Promise((resolve) => {
    const unheard = () => {
      if (report.type === 'done') return resolve();
      process.stderr.write(`${report.text}\n`, () => resolve());
    };
    if (process.send === undefined || !process.connected) return unheard();
    process.send(report, undefined, {}, (error) => (error === null ? resolve() : unheard()));
  });
