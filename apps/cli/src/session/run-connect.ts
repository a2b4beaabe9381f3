import type { Identity } from '@ouro/fingerprint';
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
import { type SshTarget, targetName } from '../target.ts';
import { comeBack } from './come-back.ts';
import { type Connection, connect } from './connection.ts';
import { Disconnected, HungUp } from './input.ts';
import { reportStatus } from './report-status.ts';
import { runSession, wantsTerminal } from './run-session.ts';
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
  readonly #invocation: ConnectInvocation;
  readonly #context: ConnectContext;
  readonly #ending: AbortSignal;
  readonly #timeout: AbortSignal;
  readonly #timeline: Timeline;
  readonly #trust: Trust;
  #hasPane = false;
  /** The pane that goes on at the host without this client. */
  #keptPane: number | undefined;
  #sawOutput = false;

  constructor(invocation: ConnectInvocation, context: ConnectContext, ending: AbortSignal) {
    this.#invocation = invocation;
    this.#context = context;
    this.#ending = ending;
    // A login may wait for a person who types; it has limits of its own.
    this.#timeout =
      invocation.target.road === 'ssh'
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
    const { target } = this.#invocation;
    if (target.road === 'ssh') return this.#hybrid(target);
    const opening = AbortSignal.any([this.#ending, this.#timeout]);
    await using connection = await this.#connect(opening);
    const { reporter, errorOutput } = this.#context;
    reporter.connected(connection.peer.selectedPair());
    const { quiet } = this.#invocation.report;
    using path = new PathWatch({ connection, target, reporter, errorOutput, quiet });
    if (this.#invocation.status !== undefined)
      return await reportStatus(connection, path, this.#invocation.status);
    const [exit] = await Promise.all([
      runSession({
        session: connection.session,
        invocation: this.#invocation,
        errorOutput,
        keepsPane: true,
        opening,
        ending: AbortSignal.any([this.#ending, connection.lost]),
        onPane: ({ id }) => {
          this.#onPane(id, wantsTerminal(this.#invocation));
          this.#timeline.enter('first-byte');
        },
        onFirstByte: () => this.#firstByte(),
        status: () => describeStatus(path.status()),
      }),
      tellMismatch(connection.session, this.#context.version, reporter),
    ]);
    return exit;
  }

  async #hybrid(target: SshTarget): Promise<ExitStatus> {
    const { runHybrid } = await import('../hybrid/run-hybrid.ts');
    return await runHybrid({
      target,
      invocation: this.#invocation,
      context: this.#context,
      timeline: this.#timeline,
      ending: this.#ending,
      progress: () => this.#progress(),
      onPane: (id, kept) => this.#onPane(id, kept),
      onFirstByte: () => this.#firstByte(),
    });
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    const invocation = this.#invocation;
    const context = this.#context;
    const { errorOutput } = context;
    const { json, quiet } = invocation.report;
    using progress = process.stderr.isTTY && !json && !quiet ? this.#progress() : undefined;
    errorOutput.progress = progress;
    try {
      return await connect({
        target: invocation.target,
        identity: context.identity,
        iceServers: context.iceServers,
        onIceServerError: (error) => context.reporter.iceServer(error),
        version: context.version,
        timeline: this.#timeline,
        timeoutMs: invocation.timeoutMs,
        trust: this.#trust,
        signal,
        ...(invocation.tlsPin === undefined ? {} : { tlsPin: invocation.tlsPin }),
        ...(invocation.tokenFile === undefined ? {} : { tokenFile: invocation.tokenFile }),
      });
    } finally {
      errorOutput.progress = undefined;
    }
  }

  #progress(): Progress {
    const { errorOutput } = this.#context;
    const name = targetName(this.#invocation.target);
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
      ...(identity.status === 'fulfilled' ? { fingerprint: identity.value.fingerprint.compact } : {}),
      ...(pane === undefined ? {} : { comeBack: comeBack(this.#invocation, pane) }),
    };
  }
}
