import type { Target } from './target.ts';

/** Whether the command gets a terminal: when this program has one (`auto`), in any case, or never. */
export type TerminalChoice = 'auto' | 'force' | 'never';

/** What the user wants to know of the connection. */
export interface ReportOptions {
  readonly verbose: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** A connection as the command line asks for it. */
export interface ConnectInvocation {
  readonly action: 'connect';
  readonly target: Target;
  /** Argument vector; empty = the user's login shell. */
  readonly command: readonly string[];
  readonly terminal: TerminalChoice;
  /** Read nothing from the standard input. */
  readonly noInput: boolean;
  /** Pane to attach to instead of starting a command. */
  readonly attach?: number;
  /** Bearer token file for the HTTP endpoint. */
  readonly tokenFile?: string;
  /** Escape character as a byte; undefined = none. */
  readonly escape: number | undefined;
  /** Whole time for connecting, in milliseconds. */
  readonly timeoutMs: number;
  readonly report: ReportOptions;
}

/** What the command line asks for. */
export type Invocation =
  | ConnectInvocation
  | { readonly action: 'fingerprint' }
  | { readonly action: 'forget'; readonly target: Target }
  | { readonly action: 'print'; readonly text: string };
