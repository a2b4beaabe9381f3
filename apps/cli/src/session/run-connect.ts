import type { Identity } from '@ouro/fingerprint';
import type { Fingerprint } from '@ouro/fingerprint/fingerprint';
import type { IceServer } from '@ouro/ice';
import { ERROR_EDGES, SignalingError } from '@ouro/signaling';
import { CliError } from '../errors.ts';
import { type ExitStatus, exitCodeOf } from '../exit-status.ts';
import { describeFailure, type FailureContext, ownLabel } from '../failure.ts';
import type { ConnectInvocation } from '../invocation.ts';
import { describeStatus } from '../path/path-status.ts';
import { PathWatch } from '../path/path-watch.ts';
import type { ErrorOutput } from '../report/error-output.ts';
import { Progress } from '../report/progress.ts';
import type { Reporter } from '../report/reporter.ts';
import { PHASE_TEXTS, Timeline } from '../report/timeline.ts';
import { WaitScreen } from '../report/wait-screen.ts';
import type { Target } from '../target.ts';
import type { ClientTransport, Dialed, PlainSession } from '../transport.ts';
import { transportOf } from '../transports.ts';
import { comeBack } from './come-back.ts';
import { connect, type Outcome } from './connect.ts';
import type { Connection } from './connection.ts';
import { Disconnected, HungUp } from './input.ts';
import { reportStatus } from './report-status.ts';
import { type PaneSource, type RunSessionOptions, runSession, wantsTerminal } from './run-session.ts';
import { FatalSignals, Signalled } from './signals.ts';
import { type Trust, trustOf } from './trust.ts';
import { tellMismatch } from './versions.ts';

/** What the program gives to a connection. */
export interface ConnectContext {
  readonly identity: Promise<Identity>;
  /** STUN and TURN servers of the user's. */
  readonly iceServers: Promise<readonly IceServer[]>;
  readonly knownHosts: string;
  readonly reporter: Reporter;
  readonly errorOutput: ErrorOutput;
  readonly version: string;
}

/** One run of `ouro connect`, from the dialling to the exit code. Never throws. */
export async function runConnect(invocation: ConnectInvocation, context: ConnectContext): Promise<number> {
  using signals = new FatalSignals(process);
  return await new ConnectRun(invocation, context, signals.signal).run();
}

class ConnectRun {
  readonly #context: ConnectContext;
  readonly #target: Target;
  readonly #transport: ClientTransport;
  readonly #ending: AbortSignal;
  /** The user gave up at a question. */
  readonly #interrupted = new AbortController();
  readonly #timeout: AbortSignal;
  readonly #timeline: Timeline;
  readonly #trust: Trust;
  #invocation: ConnectInvocation;
  #hasPane = false;
  /** The pane that goes on at the host without this client. */
  #keptPane: number | undefined;
  #sawOutput = false;

  constructor(invocation: ConnectInvocation, context: ConnectContext, ending: AbortSignal) {
    this.#invocation = invocation;
    this.#context = context;
    this.#target = invocation.target;
    this.#transport = transportOf(invocation.target);
    this.#ending = ending;
    // Where a person is asked, who types has the time that it takes; the parts have limits of their own.
    this.#timeout =
      this.#transport.asksUser === true
        ? new AbortController().signal
        : AbortSignal.timeout(invocation.timeoutMs);
    this.#timeline = new Timeline(
      () => performance.now(),
      (record) => context.reporter.phase(record),
    );
    this.#trust = trustOf(invocation.target, {
      open: async () => new (await import('../known-hosts/store.ts')).KnownHosts(context.knownHosts),
      now: () => new Date(),
      notice: (text) => context.reporter.notice(text),
    });
  }

  async run(): Promise<number> {
    try {
      const status = await this.#session();
      this.#timeline.end();
      this.#context.reporter.exit(status);
      return exitCodeOf(status);
    } catch (error) {
      return this.#failed(error);
    }
  }

  async #session(): Promise<ExitStatus> {
    const signal = AbortSignal.any([this.#ending, this.#interrupted.signal, this.#timeout]);
    const outcome = await this.#connect(signal);
    const { dialed, connection } = outcome;
    this.#invocation = dialed.invocation ?? this.#invocation;
    try {
      if (connection === undefined) return await this.#runPlain(dialed, outcome.failure, signal);
      await using _connection = connection;
      return await this.#runConnected(connection, dialed, outcome.fingerprint, signal);
    } finally {
      await dialed[Symbol.asyncDispose]();
    }
  }

  async #connect(signal: AbortSignal): Promise<Outcome> {
    const { identity, iceServers, version, reporter } = this.#context;
    const { timeoutMs, ssh } = this.#invocation;
    using screen = this.#waitScreen();
    if (this.#transport.asksUser !== true) screen.waitFor('network');
    return await connect({
      identity,
      iceServers,
      version,
      onIceServerError: (error) => reporter.iceServer(error),
      local: this.#target.local === true,
      isPlain: this.#transport.asksUser === true && ssh.plain,
      dial: () => this.#dial(screen, signal),
      expected: () => this.#trust.expected(),
      timeline: this.#timeline,
      timeoutMs,
      onReady: () => screen.waitFor('network'),
      signal,
    });
  }

  #dial(screen: WaitScreen, signal: AbortSignal): Promise<Dialed> {
    const { identity, reporter, errorOutput } = this.#context;
    const invocation = this.#invocation;
    return this.#transport.dial(this.#target, {
      invocation,
      identity,
      reporter,
      errorOutput,
      timeline: this.#timeline,
      screen,
      interrupt: (reason) => this.#interrupted.abort(reason),
      tlsPin: async () => invocation.tlsPin ?? (await this.#trust.tlsPin()),
      ending: this.#ending,
      signal,
    });
  }

  async #runConnected(
    connection: Connection,
    dialed: Dialed,
    fingerprint: Fingerprint,
    signal: AbortSignal,
  ): Promise<ExitStatus> {
    const { reporter } = this.#context;
    const isVouched = dialed.signaler?.remote.kind === 'login';
    if (!isVouched) await this.#trust.check(fingerprint, this.#invocation.tlsPin);
    reporter.connected(connection.peer.selectedPair());
    await dialed.connected?.();
    // Who was found needs what found it no more, and its first byte need not wait for either.
    const vouched = isVouched ? this.#trust.vouch(fingerprint) : undefined;
    const aside = Promise.allSettled([vouched, this.#letGo(connection, dialed)]);
    try {
      return await this.#runOver(connection, dialed, signal);
    } finally {
      await aside;
    }
  }

  /** A conversation that can restart ICE is kept. */
  async #letGo({ restart }: Connection, dialed: Dialed): Promise<void> {
    if (restart === undefined) await dialed[Symbol.asyncDispose]();
  }

  async #runOver(connection: Connection, dialed: Dialed, signal: AbortSignal): Promise<ExitStatus> {
    const { reporter, errorOutput, version } = this.#context;
    const { report, status } = this.#invocation;
    using path = new PathWatch({
      connection,
      target: this.#target,
      reporter,
      errorOutput,
      quiet: report.quiet,
    });
    if (status !== undefined) return await reportStatus(connection, path, status);
    const [exit] = await Promise.all([
      this.#runPanes(connection.session, dialed, signal, {
        keepsPane: true,
        ending: connection.lost,
        status: () => describeStatus(path.status()),
      }),
      tellMismatch(connection.session, version, reporter),
    ]);
    return exit;
  }

  /** @throws `failure` when the session must not go on without WebRTC */
  async #runPlain(dialed: Dialed, failure: unknown, signal: AbortSignal): Promise<ExitStatus> {
    if (dialed.plain === undefined) throw failure;
    if (failure !== undefined) await this.#fallBack(dialed.plain, failure, signal);
    return await dialed.plain.run((panes, { status }) =>
      this.#runPanes(panes, dialed, signal, { keepsPane: false, status: () => status }),
    );
  }

  /** Says in one line why the session goes on without WebRTC. @throws `failure` when it must not */
  async #fallBack(plain: PlainSession, failure: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw signal.reason;
    const error = failure instanceof SignalingError ? failure : undefined;
    // Two certificates where there should be one: somebody is in between.
    const fatal = error === undefined || error.code === 'fingerprint-mismatch';
    if (fatal || !this.#invocation.ssh.fallback || this.#invocation.attach !== undefined) throw failure;
    const { reporter } = this.#context;
    reporter.notice(this.#dim(plain.explain(error)));
    if (!this.#invocation.report.verbose) return;
    const { formatPairTried, pairsTried } = await import('@ouro/negotiation');
    for (const pair of pairsTried(error)) reporter.notice(this.#dim(`  tried ${formatPairTried(pair)}`));
  }

  #dim(text: string): string {
    return process.stderr.isTTY && !this.#invocation.report.json ? `\x1b[2m${text}\x1b[22m` : text;
  }

  #runPanes(
    session: PaneSource,
    { environment }: Dialed,
    signal: AbortSignal,
    { keepsPane, status, ending }: Pick<RunSessionOptions, 'keepsPane' | 'status'> & { ending?: AbortSignal },
  ): Promise<ExitStatus> {
    const invocation = this.#invocation;
    const limits = this.#transport.asksUser === true ? [AbortSignal.timeout(invocation.timeoutMs)] : [];
    return runSession({
      session,
      invocation,
      errorOutput: this.#context.errorOutput,
      keepsPane,
      opening: AbortSignal.any([signal, ...limits]),
      ending: AbortSignal.any([this.#ending, ...(ending === undefined ? [] : [ending])]),
      onPane: ({ id }) => {
        if (keepsPane) this.#onPane(id, wantsTerminal(invocation));
        this.#timeline.enter('first-byte');
      },
      onFirstByte: () => this.#firstByte(),
      status,
      ...(environment === undefined ? {} : { named: environment }),
    });
  }

  #waitScreen(): WaitScreen {
    const { json, quiet } = this.#invocation.report;
    const isShown = process.stderr.isTTY && !json && !quiet;
    return new WaitScreen(this.#context.errorOutput, () => (isShown ? this.#progress() : undefined));
  }

  #progress(): Progress {
    const { errorOutput } = this.#context;
    const { name } = this.#target;
    return new Progress(
      (text) => errorOutput.draw(text),
      () => `Connecting with ${name}: ${this.#step()}`,
    );
  }

  #step(): string {
    return PHASE_TEXTS[this.#timeline.current ?? 'first-byte'];
  }

  #firstByte(): void {
    if (this.#sawOutput) return;
    this.#sawOutput = true;
    this.#timeline.end();
    this.#context.reporter.firstByte(this.#timeline.records);
  }

  async #failed(thrown: unknown): Promise<number> {
    const ending: unknown = this.#ending.reason;
    if (ending instanceof Signalled) return this.#left(`ended by ${ending.signal}`, ending.exit);
    if (thrown instanceof Signalled) return this.#left(`ended by ${thrown.signal}`, thrown.exit);
    if (thrown instanceof HungUp) return this.#left('the terminal hung up', new Signalled('SIGHUP').exit);
    if (thrown instanceof Disconnected) return this.#left('disconnected', ERROR_EDGES.closed.exit);
    // A reader that has enough is no failure worth a word.
    if (thrown instanceof CliError && thrown.code === 'output-closed') return thrown.exit;
    const late = this.#timeout.aborted && !this.#hasPane;
    const error = late ? new SignalingError('timeout', 'It took too long', { cause: thrown }) : thrown;
    const failure = describeFailure(error, await this.#failureContext());
    this.#context.reporter.error(failure);
    return failure.exit;
  }

  /** Says how to come back to a pane that goes on; plain SSH keeps none, and without a terminal none is left. */
  #left(how: string, exit: number): number {
    const pane = this.#keptPane;
    const { reporter } = this.#context;
    if (pane !== undefined) {
      const command = comeBack(this.#invocation, pane);
      reporter.notice(`${how}; pane ${pane} goes on. Come back with: ${command}`);
    } else if (exit === ERROR_EDGES.closed.exit) reporter.notice(how);
    return exit;
  }

  #onPane(id: number, kept: boolean): void {
    this.#hasPane = true;
    if (kept) this.#keptPane = id;
  }

  async #failureContext(): Promise<FailureContext> {
    const [identity] = await Promise.allSettled([this.#context.identity]);
    const { target, timeoutMs } = this.#invocation;
    const pane = this.#keptPane;
    return {
      target,
      timeoutMs,
      waitingFor: this.#step(),
      label: ownLabel(),
      pinned: this.#trust.pinned,
      ...(this.#transport.ownWords === undefined ? {} : { ownWords: this.#transport.ownWords }),
      ...(identity.status === 'fulfilled' ? { fingerprint: identity.value.fingerprint.compact } : {}),
      ...(pane === undefined ? {} : { comeBack: comeBack(this.#invocation, pane) }),
    };
  }
}
