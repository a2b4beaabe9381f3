import { systemCode } from '@ouro/base/node';
import { SignalingError } from '@ouro/signaling';
import { EXIT_USAGE } from './constants.ts';

/** What goes wrong on this side of a connection, with the exit code of each after sysexits(3). */
export const CLI_ERROR_EXITS = {
  /** The command line cannot be followed. */
  usage: EXIT_USAGE,
  /** The reader of the output went away: what a shell reports for SIGPIPE. */
  'output-closed': 141,
  /** The output cannot be written (a full disk). */
  'output-failed': 74,
  /** The input cannot be read. */
  'input-failed': 74,
  /** The file of known hosts is not one, or cannot be written. */
  'known-hosts': 78,
  /** The file `client.toml` cannot be used. */
  config: 78,
  /** The identity cannot be read or made. */
  identity: 78,
  /** The agent could not be put on a host. */
  install: 69,
  /** The host could not start the command: what a shell reports for one it cannot find. */
  command: 127,
} as const satisfies Record<string, number>;

/** The closed set of codes. */
export type CliErrorCode = keyof typeof CLI_ERROR_EXITS;

/** Any failure of the client that is not one of signaling. The message is for the user. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The exit code of the program. */
  get exit(): number {
    return CLI_ERROR_EXITS[this.code];
  }
}

/** A config file that cannot be used, and what to do about it. */
export function configError(where: string, why: string): CliError {
  return new CliError('config', `${where}: ${why}; correct it, or move it away.`);
}

/** An `https://` server whose certificate no authority of this system has signed, or not for this name. */
export class UntrustedCertificate extends SignalingError {
  /** SHA-256 of the certificate it shows, compact form; undefined when it could not be read. */
  readonly fingerprint: string | undefined;

  constructor(host: string, fingerprint: string | undefined, cause: unknown) {
    const code = systemCode(cause) ?? 'no reason given';
    super('fingerprint-mismatch', `${host} shows a TLS certificate that is not trusted here (${code})`, {
      cause,
    });
    this.fingerprint = fingerprint;
  }
}
