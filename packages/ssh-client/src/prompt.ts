import type { Abortable } from '@ouro/signaling';

/** One thing the user is asked while a connection is made. */
export interface SshQuestion {
  readonly kind: 'host-key' | 'passphrase' | 'password' | 'keyboard-interactive';
  /** What to show, its own line ends included; from a server only printable text and line ends are left in it. */
  readonly text: string;
  /** Whether what is typed may be seen. */
  readonly echo: boolean;
}

/** Asks the user. Undefined = the user gave up. It must not echo unless told, and must not keep what was typed. */
export type SshPrompt = (question: SshQuestion, options: Abortable) => Promise<string | undefined>;

/** Text of a server, fit to be shown: no terminal sequences, nothing that moves the cursor. */
export const printable = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/[^\P{C}\n\t]/gu, '');
