import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from '@ouro/base/node';
import { SessionError } from '@ouro/session';
import type { Pane, Session } from '@ouro/session/client';
import type { Abortable } from '@ouro/signaling';
import { GOODBYE_MS, SIGNAL_GRACE_MS } from '../constants.ts';
import { CliError } from '../errors.ts';
import type { ExitStatus } from '../exit-status.ts';
import type { ConnectInvocation } from '../invocation.ts';
import { Output } from '../pipe/output.ts';
import type { ErrorOutput } from '../report/error-output.ts';
import { EscapeParser, escapeHelp } from '../terminal/escape.ts';
import { RawTerminal, type Size } from '../terminal/terminal.ts';
import { TopLine } from '../terminal/top-line.ts';
import { farEnvironment } from './environment.ts';
import { HungUp, noInput, readInput, readKeyboard, readTyping } from './input.ts';
import { type PaneEnds, runPane } from './run-pane.ts';
import { Signalled } from './signals.ts';

/** Where panes come from: a session, or the plain SSH connection that stands in for one. */
export type PaneSource = Pick<Session, 'addPane' | 'reconnectPane'>;

/** What a pane is run with. */
export interface RunSessionOptions {
  readonly session: PaneSource;
  readonly invocation: ConnectInvocation;
  readonly errorOutput: ErrorOutput;
  /** Variables that the user's configuration sends to this host. */
  readonly named?: Readonly<Record<string, string>>;
  /** The pane is there; its first output is awaited. */
  readonly onPane: (pane: Pane) => void;
  readonly onFirstByte: () => void;
  /** What runs goes on at the host without this client. */
  readonly keepsPane: boolean;
  /** How the connection stands, in lines. */
  readonly status: () => readonly string[];
  /** Fires when connecting takes too long, or with `ending`. */
  readonly opening: AbortSignal;
  /** Fires with a `Signalled`, or with the loss of the connection. */
  readonly ending: AbortSignal;
}

/** Whether the far command gets a terminal, and the local one is handed over to it. As with ssh, an input that is not read is none. */
export function wantsTerminal({ terminal, noInput }: ConnectInvocation): boolean {
  if (terminal !== 'auto') return terminal === 'force';
  return !noInput && process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Opens the pane that was asked for, and runs it to its end. @throws SessionError, CliError, Disconnected, HungUp, the reason of `ending` */
export async function runSession(options: RunSessionOptions): Promise<ExitStatus> {
  return wantsTerminal(options.invocation) ? runTerminal(options) : runPipe(options);
}

async function runTerminal(options: RunSessionOptions): Promise<ExitStatus> {
  const { errorOutput, invocation, ending } = options;
  const draw = (text: string) => errorOutput.draw(text);
  const isKeyboard = process.stdin.isTTY === true && !invocation.noInput;
  using terminal = new RawTerminal(process, draw, isKeyboard);
  using _raw = isKeyboard ? errorOutput.rawMode() : undefined;
  try {
    const pane = await openPane(options, terminal.size);
    followSize(terminal, pane, ending);
    using _notices = errorOutput.noticesOn(new TopLine(terminal, draw, () => redraw(terminal, pane, ending)));
    const parser = new EscapeParser(isKeyboard ? invocation.escape : undefined);
    const write = (text: string) => {
      errorOutput.clearNotice();
      draw(text);
    };
    const actions = {
      suspend: () => {
        errorOutput.clearNotice();
        terminal.suspend();
      },
      status: () => write(['', ...options.status(), ''].join('\r\n')),
      help: () => write(escapeHelp(invocation.escape ?? 0, options.keepsPane)),
    };
    const ends = endsOf(
      options,
      readTyping(isKeyboard ? readKeyboard(process.stdin) : inputOf(invocation), parser, actions),
      (bytes) => {
        errorOutput.clearNotice();
        terminal.modes.push(bytes);
      },
    );
    return await runPane(pane, ends, { signal: ending });
  } catch (thrown) {
    throw isTerminalGone(thrown) ? new HungUp() : thrown;
  }
}

async function runPipe(options: RunSessionOptions): Promise<ExitStatus> {
  const pane = await openPane(options);
  const ends = endsOf(options, inputOf(options.invocation));
  const using = {
    ...ends,
    stdout: (bytes: Uint8Array, abort: Abortable) => orHangUp(pane, ends.stdout(bytes, abort)),
  };
  return runPane(pane, using, { signal: handOn(pane, options.ending) });
}

async function openPane(options: RunSessionOptions, size?: Size): Promise<Pane> {
  const { session, invocation, opening, onPane } = options;
  const abort = { signal: opening };
  if (invocation.attach === undefined) {
    const pane = await addPane(options, size);
    onPane(pane);
    return pane;
  }
  const pane = await session.reconnectPane(invocation.attach, abort);
  onPane(pane);
  if (size !== undefined) await pane.resize(size, abort);
  return pane;
}

async function addPane(options: RunSessionOptions, size?: Size): Promise<Pane> {
  const { session, invocation, opening, named = {} } = options;
  const command = invocation.command.length === 0 ? ['*'] : invocation.command;
  const env = farEnvironment(process.env, { terminal: size !== undefined, named });
  try {
    return await session.addPane(
      { command, env, ...(size === undefined ? {} : { size }) },
      { signal: opening },
    );
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'refused') throw error;
    throw new CliError('command', error.message, { cause: error });
  }
}

function inputOf(invocation: ConnectInvocation): AsyncIterable<Uint8Array> {
  return invocation.noInput ? noInput() : readInput(process.stdin);
}

/** What writing to a terminal fails with that is no more. */
function isTerminalGone(thrown: unknown): boolean {
  if (!(thrown instanceof CliError) || thrown.code !== 'output-failed') return false;
  return process.stdout.isTTY === true && systemCode(thrown.cause) === 'EIO';
}

function endsOf(
  { onFirstByte }: RunSessionOptions,
  input: AsyncIterable<Uint8Array>,
  watch: (bytes: Uint8Array) => void = () => undefined,
): PaneEnds {
  const stdout = new Output(1);
  const stderr = new Output(2);
  return {
    input,
    stdout: (bytes, abort) => {
      onFirstByte();
      watch(bytes);
      return stdout.write(bytes, abort);
    },
    stderr: (bytes, abort) => {
      onFirstByte();
      return stderr.write(bytes, abort);
    },
  };
}

/** Tells the far end each new size. A size that cannot be told is not worth the session. */
function followSize(terminal: RawTerminal, pane: Pane, signal: AbortSignal): void {
  terminal.onResize((size) => {
    pane.resize(size, { signal }).catch(() => undefined);
  });
}

/** A program draws its screen anew when its size changes. */
function redraw({ size }: RawTerminal, pane: Pane, signal: AbortSignal): void {
  const { rows, cols } = size;
  const smaller = { rows: Math.max(1, rows - 1), cols };
  pane
    .resize(smaller, { signal })
    .then(() => pane.resize(size, { signal }))
    .catch(() => undefined);
}

/** Ends the far command when nobody reads its output any more, as SIGPIPE would if it were here. */
async function orHangUp(pane: Pane, writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (error instanceof CliError && error.code === 'output-closed') {
      await pane.kill('HUP', { signal: AbortSignal.timeout(GOODBYE_MS) }).catch(() => undefined);
    }
    throw error;
  }
}

/** Hands a signal that ends this program on to the far command, and gives that a moment before the abort. */
function handOn(pane: Pane, ending: AbortSignal): AbortSignal {
  const late = new AbortController();
  const arrived = async () => {
    const { reason } = ending;
    if (reason instanceof Signalled) {
      const grace = AbortSignal.timeout(SIGNAL_GRACE_MS);
      await Promise.allSettled([pane.kill(reason.forCommand, { signal: grace }), delay(SIGNAL_GRACE_MS)]);
    }
    late.abort(reason);
  };
  if (ending.aborted) arrived().catch(() => undefined);
  else ending.addEventListener('abort', () => arrived().catch(() => undefined), { once: true });
  return late.signal;
}
