import type { Fingerprint } from '@ouro/fingerprint/fingerprint';
import type { SshLogin } from './ssh/account.ts';
import type { Target } from './target.ts';

/** Whether the command gets a terminal: when this program has one (`auto`), in any case, or never. */
export type TerminalChoice = 'auto' | 'force' | 'never';

/** What the user wants to know of the connection. */
export interface ReportOptions {
  readonly verbose: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What concerns a connection by SSH alone. */
export interface SshOptions {
  /** Options for ssh's own configuration, in front of the destination. */
  readonly args: readonly string[];
  /** Stay with SSH, agent or not. */
  readonly plain: boolean;
  /** Go on as plain SSH when WebRTC cannot be had. */
  readonly fallback: boolean;
  /** Have the host's agent let this client in by other transports from now on. */
  readonly authorize: boolean;
  /** The system's ssh that carries the signaling, instead of our own. */
  readonly program?: string;
  /** Time for WebRTC to find a path once both ends have each other's candidates, in milliseconds. */
  readonly iceTimeoutMs: number;
}

/** A connection as the command line asks for it. */
export interface ConnectInvocation {
  readonly action: 'connect';
  readonly target: Target;
  /** Argument vector; empty = the user's login shell. */
  readonly command: readonly string[];
  readonly terminal: TerminalChoice;
  /** Nothing is run: the state of the connection is printed, as text or as one JSON object. */
  readonly status?: 'text' | 'json';
  /** Read nothing from the standard input. */
  readonly noInput: boolean;
  /** Pane to attach to instead of starting a command. */
  readonly attach?: number;
  /** Bearer token file for the HTTP endpoint. */
  readonly tokenFile?: string;
  /** The one TLS certificate that an `https://` endpoint may show. */
  readonly tlsPin?: Fingerprint;
  /** URLs of STUN servers to ask. */
  readonly iceServers: readonly string[];
  /** Escape character as a byte; undefined = none. */
  readonly escape: number | undefined;
  /** Whole time for connecting, in milliseconds. */
  readonly timeoutMs: number;
  readonly ssh: SshOptions;
  readonly report: ReportOptions;
}

/** An installation of the agent on a host. */
export interface InstallInvocation {
  readonly action: 'install';
  readonly target: SshLogin;
  readonly ssh: SshOptions;
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** Where packages come from; what npm uses unless told. */
  readonly registry: URL | undefined;
}

/** What the command line asks for. */
export type Invocation =
  | ConnectInvocation
  | InstallInvocation
  | { readonly action: 'fingerprint' }
  | { readonly action: 'forget'; readonly target: Target }
  | { readonly action: 'print'; readonly text: string };
