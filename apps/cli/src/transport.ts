import type { Identity } from '@ouro/fingerprint';
import type { Fingerprint } from '@ouro/fingerprint/fingerprint';
import type { Abortable, Signaler, SignalingErrorCode } from '@ouro/signaling';
import type { ExitStatus } from './exit-status.ts';
import type { ConnectInvocation } from './invocation.ts';
import type { ErrorOutput } from './report/error-output.ts';
import type { Reporter } from './report/reporter.ts';
import type { Timeline } from './report/timeline.ts';
import type { WaitScreen } from './report/wait-screen.ts';
import type { PaneSource } from './session/run-session.ts';
import type { Target } from './target.ts';

/** What dialling is given besides the target. */
export interface DialOptions extends Abortable {
  readonly invocation: ConnectInvocation;
  readonly identity: Promise<Identity>;
  readonly reporter: Reporter;
  readonly errorOutput: ErrorOutput;
  readonly timeline: Timeline;
  /** Says who is waited for; nothing is drawn over a question. */
  readonly screen: WaitScreen;
  /** The user gave up at a question: ends it all with this reason. */
  readonly interrupt: (reason: Error) => void;
  /** The one TLS certificate that an endpoint may show; undefined = what the system trusts. */
  readonly tlsPin: () => Promise<Fingerprint | undefined>;
  /** Fires with a `Signalled`. */
  readonly ending: AbortSignal;
}

/** How a pane that WebRTC does not carry is run. */
export type RunPanes = (
  panes: PaneSource,
  how: { readonly status: readonly string[] },
) => Promise<ExitStatus>;

/** A session without WebRTC, which a transport may have to go on with. */
export interface PlainSession {
  /** Runs what was asked for to its end. */
  run(runPanes: RunPanes): Promise<ExitStatus>;
  /** Why WebRTC was not to be had, in a few words of this transport. */
  explain(why: { readonly code: string; readonly message: string }): string;
  /** Longest time for a path once both ends have each other's candidates, in ms; then the session goes on without. */
  readonly pathTimeoutMs: number;
}

/** A far end that was found. Disposing lets go of what found it. */
export interface Dialed extends AsyncDisposable {
  /** The conversation with its agent; undefined where the user wants no WebRTC. */
  readonly signaler: Signaler | undefined;
  /** Where the agent has to be waited for: resolves when it takes the offer. @throws SignalingError */
  readonly ready?: { wait(options: Abortable): Promise<void>; readonly timeoutMs: number };
  readonly plain?: PlainSession;
  /** The invocation with what the user's configuration of this transport says of it. */
  readonly invocation?: ConnectInvocation;
  /** Variables that the user's configuration sends to this host. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What was asked to be done when the peers are connected, before the session has the terminal. Never throws. */
  readonly connected?: () => Promise<void>;
}

/** A way to find a host, as this client has it. */
export interface ClientTransport {
  /** How its targets are written, for help and messages. */
  readonly form: string;
  /** It is asked last whose a target is: a name without a mark of its own is a target of this transport. */
  readonly isDefault?: boolean;
  /** The target that this text names, if it is one of this transport's. @throws SignalingError `unknown-host` for a bad one */
  parse(text: string): Target | undefined;
  /** Finds the host. @throws SignalingError, SshError, CliError */
  dial(target: Target, options: DialOptions): Promise<Dialed>;
  /** A person may be asked while it dials: there is no limit for the whole of it. */
  readonly asksUser?: boolean;
  /** Failures that it words better itself than the texts about endpoints. */
  readonly ownWords?: ReadonlySet<SignalingErrorCode>;
}
