import type { IceServerError } from '@ouro/ice';
import { SignalingError } from '@ouro/signaling';
import type { SshConfig, SshPrompt } from '@ouro/ssh-client';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../constants.ts';
import { CliError } from '../errors.ts';
import type { ExitStatus } from '../exit-status.ts';
import type { ConnectInvocation } from '../invocation.ts';
import { describeStatus } from '../path/path-status.ts';
import { PathWatch } from '../path/path-watch.ts';
import type { Progress } from '../report/progress.ts';
import type { Timeline } from '../report/timeline.ts';
import type { Connection } from '../session/connection.ts';
import { reportStatus } from '../session/report-status.ts';
import type { ConnectContext } from '../session/run-connect.ts';
import { type RunSessionOptions, runSession, wantsTerminal } from '../session/run-session.ts';
import { tellMismatch } from '../session/versions.ts';
import type { SshTarget } from '../target.ts';
import { asConfigured, describeBeside } from './as-configured.ts';
import { authorize } from './authorize.ts';
import { type LoggedIn, login } from './login.ts';
import { LoginScreen } from './login-screen.ts';
import { plainPanes, sentEnvironment } from './plain-pane.ts';
import { runSshProgram } from './ssh-program.ts';
import { ttyPrompt } from './tty-prompt.ts';
import { type Prepared, prepare, type Upgraded, upgrade } from './upgrade.ts';

/** What a hybrid session is run with. */
export interface HybridOptions {
  readonly target: SshTarget;
  readonly invocation: ConnectInvocation;
  readonly context: ConnectContext;
  readonly timeline: Timeline;
  /** Fires with a `Signalled`. */
  readonly ending: AbortSignal;
  /** Starts the line that says what is waited for. */
  readonly progress: () => Progress;
  /** `kept`: it goes on at the host without this client. */
  readonly onPane: (id: number, kept: boolean) => void;
  readonly onFirstByte: () => void;
}

/** How long the host's agent may take to say READY over a connection that stands, in ms: a person waits 3 s for a prompt. */
const READY_MS = 3_000;

/**
 * Logs in by SSH, moves the session to WebRTC if the host has an agent, and lets SSH go; else goes on as plain SSH.
 * @throws SshError, SignalingError, SessionError, CliError, Disconnected, the reason of `ending`
 */
export const runHybrid = (options: HybridOptions): Promise<ExitStatus> => new HybridRun(options).run();

class HybridRun {
  readonly #options: HybridOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #prompt: SshPrompt | undefined;

  constructor(options: HybridOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.ending, this.#stop.signal]);
    this.#prompt = ttyPrompt({
      draw: (text) => options.context.errorOutput.draw(text),
      quiet: () => options.context.errorOutput.keepOff(),
      interrupt: (reason) => this.#stop.abort(reason),
    });
  }

  async run(): Promise<ExitStatus> {
    const { invocation, timeline, ending } = this.#options;
    const { plain } = invocation.ssh;
    if (plain && invocation.ssh.program !== undefined)
      return runSshProgram(invocation, this.#options.target, ending);
    timeline.enter('ssh');
    await using resources = new AsyncDisposableStack();
    const prepared = plain ? undefined : this.#prepare(resources);
    const loggedIn = await this.#login();
    resources.use(loggedIn.connection);
    const upgraded = prepared && (await this.#upgrade(loggedIn, prepared));
    if (upgraded === undefined) return await this.#runPlain(loggedIn);
    resources.use(upgraded.connection);
    return await this.#runUpgraded(loggedIn, upgraded);
  }

  /** WebRTC is loaded and its peer made while SSH waits for the network and the user. */
  #prepare(resources: AsyncDisposableStack): Promise<Prepared> {
    const { identity, iceServers, version, reporter } = this.#options.context;
    const onIceServerError = (error: IceServerError) => reporter.iceServer(error);
    const prepared = prepare({ identity, iceServers, onIceServerError, version }, { signal: this.#signal });
    // Whoever awaits it sees its failure; a login that fails first does not.
    prepared.catch(() => undefined);
    resources.defer(async () => {
      const [made] = await Promise.allSettled([prepared]);
      if (made.status === 'fulfilled') await made.value[Symbol.asyncDispose]();
    });
    return prepared;
  }

  async #login(): Promise<LoggedIn> {
    const { target, invocation } = this.#options;
    using screen = this.#screen();
    try {
      return await login({
        target,
        ssh: invocation.ssh,
        prompt: this.#prompt,
        onBanner: (text) => screen.banner(text.trimEnd()),
        onNotice: (text) => this.#options.context.reporter.notice(text),
        onWaitingFor: (who) => screen.waitFor(who),
        signal: this.#signal,
      });
    } catch (thrown) {
      // What ^C at a prompt broke is not what the user wants to read.
      throw this.#stop.signal.aborted ? this.#stop.signal.reason : thrown;
    }
  }

  /** Undefined when the session has to stay with SSH. */
  async #upgrade(loggedIn: LoggedIn, prepared: Promise<Prepared>): Promise<Upgraded | undefined> {
    const { invocation, timeline } = this.#options;
    const { program } = invocation.ssh;
    using screen = this.#screen();
    // The system's ssh asks its questions behind the exec, on a terminal that is its own until the login is through.
    if (program === undefined) screen.waitFor('network');
    try {
      return await upgrade({
        login: loggedIn,
        prepared,
        timeline,
        iceTimeoutMs: invocation.ssh.iceTimeoutMs,
        onReady: () => screen.waitFor('network'),
        // For the system's ssh it holds the whole login.
        readyTimeoutMs: program === undefined ? READY_MS : DEFAULT_CONNECT_TIMEOUT_MS,
        signal: this.#signal,
      });
    } catch (thrown) {
      this.#fallBack(thrown, loggedIn);
      return undefined;
    }
  }

  /** Says in one line why the session stays with SSH. @throws `thrown` when it must not */
  #fallBack(thrown: unknown, { connection }: LoggedIn): void {
    const { invocation, context } = this.#options;
    if (this.#signal.aborted) throw this.#signal.reason;
    const error = thrown instanceof SignalingError ? thrown : undefined;
    // Two certificates where there should be one: somebody is in between.
    const fatal = error === undefined || error.code === 'fingerprint-mismatch';
    if (fatal || !invocation.ssh.fallback || invocation.attach !== undefined) throw thrown;
    context.reporter.notice(this.#dim(`${whyPlain(error, connection.host)}; this is plain SSH`));
    const pairs = invocation.report.verbose ? pairsOf(error) : [];
    for (const pair of pairs) context.reporter.notice(this.#dim(`  tried ${pair}`));
  }

  #dim(text: string): string {
    return process.stderr.isTTY && !this.#options.invocation.report.json ? `\x1b[2m${text}\x1b[22m` : text;
  }

  async #runUpgraded(loggedIn: LoggedIn, { connection, fingerprint }: Upgraded): Promise<ExitStatus> {
    const { context, onPane } = this.#options;
    context.reporter.connected(connection.peer.selectedPair());
    if (this.#options.invocation.ssh.authorize) await this.#authorize(loggedIn);
    // SSH has done its part. The session needs neither of them: they must not hold its first byte back.
    const aside = Promise.allSettled([this.#vouch(fingerprint), loggedIn.connection.close()]);
    try {
      return await this.#runOver(connection, loggedIn, onPane);
    } finally {
      await aside;
    }
  }

  async #runOver(
    connection: Connection,
    loggedIn: LoggedIn,
    onPane: (id: number, kept: boolean) => void,
  ): Promise<ExitStatus> {
    const { context, invocation, target } = this.#options;
    const { reporter, errorOutput } = context;
    const { quiet } = invocation.report;
    using path = new PathWatch({ connection, target, reporter, errorOutput, quiet });
    if (invocation.status !== undefined) return await reportStatus(connection, path, invocation.status);
    const status = () => describeStatus(path.status());
    const [exit] = await Promise.all([
      this.#run(connection.session, loggedIn, { lost: connection.lost, status, keepsPane: true }, onPane),
      tellMismatch(connection.session, context.version, reporter),
    ]);
    return exit;
  }

  async #vouch(fingerprint: string): Promise<void> {
    const { context, target } = this.#options;
    const { KnownHosts } = await import('../known-hosts/store.ts');
    try {
      const before = await new KnownHosts(context.knownHosts).vouch(target, fingerprint, new Date());
      if (before === 'changed') {
        context.reporter.notice(
          'the agent of this host has a new identity; SSH vouches for it, and it is noted',
        );
      }
    } catch (thrown) {
      if (!(thrown instanceof CliError)) throw thrown;
      context.reporter.notice(thrown.message);
    }
  }

  /** Asks before the session has the terminal. */
  async #authorize({ connection }: LoggedIn): Promise<void> {
    const { invocation, context } = this.#options;
    const told = await authorize(connection, {
      identity: await context.identity,
      host: connection.host,
      prompt: invocation.terminal === 'never' ? undefined : this.#prompt,
      signal: this.#signal,
    }).catch(
      (thrown: unknown) =>
        `this client could not be added to the host: ${thrown instanceof Error ? thrown.message : 'unknown failure'}`,
    );
    context.reporter.notice(told);
  }

  async #runPlain(loggedIn: LoggedIn): Promise<ExitStatus> {
    const { invocation, target, ending } = this.#options;
    const { connection } = loggedIn;
    if (invocation.ssh.program !== undefined) {
      await connection.close();
      return runSshProgram(invocation, target, ending);
    }
    // A connection that breaks ends its channel, which says so.
    return this.#run(
      plainPanes(connection),
      loggedIn,
      { lost: new AbortController().signal, status: () => ['this is plain SSH'], keepsPane: false },
      () => undefined,
    );
  }

  #run(
    session: RunSessionOptions['session'],
    { config }: LoggedIn,
    { lost, ...how }: { lost: AbortSignal } & Pick<RunSessionOptions, 'status' | 'keepsPane'>,
    onPane: (id: number, kept: boolean) => void,
  ): Promise<ExitStatus> {
    const { context, timeline, ending, onFirstByte } = this.#options;
    const invocation = this.#configured(config);
    const opening = AbortSignal.any([this.#signal, AbortSignal.timeout(invocation.timeoutMs)]);
    return runSession({
      session,
      invocation,
      errorOutput: context.errorOutput,
      opening,
      ending: AbortSignal.any([ending, lost]),
      onPane: ({ id }) => {
        onPane(id, wantsTerminal(invocation));
        timeline.enter('first-byte');
      },
      onFirstByte,
      ...how,
      ...(config === undefined ? {} : { named: sentEnvironment(config, process.env) }),
    });
  }

  /** Fills in what the user's configuration says, and tells of it what is not done. */
  #configured(config: SshConfig | undefined): ConnectInvocation {
    const { invocation, context } = this.#options;
    if (config === undefined) return invocation;
    const beside = describeBeside(config);
    if (beside !== undefined) context.reporter.notice(beside);
    return asConfigured(invocation, config);
  }

  #screen(): LoginScreen {
    const { invocation, context, progress } = this.#options;
    const isShown = process.stderr.isTTY && !invocation.report.json && !invocation.report.quiet;
    return new LoginScreen(context.errorOutput, () => (isShown ? progress() : undefined));
  }
}

/** Why a session stays with SSH, in a few words. */
function whyPlain({ code, message }: SignalingError, host: string): string {
  if (code === 'not-found') return `${host} has no agent (ouro install ${host} puts one there)`;
  if (code === 'ice-failed') return `WebRTC found no way to ${host} (a firewall may be in the way)`;
  if (code === 'timeout') return `the agent of ${host} did not answer in time`;
  return message.replace(/[.;]?\s*$/, '');
}

/** The candidate pairs that were tried, each with what became of it. */
function pairsOf({ code, cause }: SignalingError): string[] {
  if (code !== 'ice-failed') return [];
  return cause instanceof Error ? cause.message.split('; ').filter((pair) => pair !== '') : [];
}
