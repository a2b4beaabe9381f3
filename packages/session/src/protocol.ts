import type { PeerInfo } from './commands.ts';

/** The session protocol this code speaks. Raised only by a change that an older peer would get wrong. */
export const PROTOCOL = 1;

/** What this code knows beyond the older commands, for `hello`. */
export const FEATURES: readonly string[] = ['exit', 'eof', 'signal', 'stderr', 'env', 'marked', 'bye'];

/** A difference between two peers. */
export interface ProtocolMismatch {
  /** Whether they may misunderstand each other; else it is for a verbose log. */
  readonly matters: boolean;
  /** One line for the user: what differs, and what to do. */
  readonly line: string;
}

/** What differs between this client and the agent it met; undefined = nothing. */
export function protocolMismatch(
  local: Pick<PeerInfo, 'version' | 'protocol'>,
  remote: Pick<PeerInfo, 'version' | 'protocol'>,
): ProtocolMismatch | undefined {
  const versions = `client ${local.version}, agent ${remote.version}`;
  if (local.protocol > remote.protocol) {
    const line = `The agent on the host is too old for this client (${versions}): update ouro-agent there`;
    return { matters: true, line };
  }
  if (local.protocol < remote.protocol) {
    const line = `This client is too old for the agent on the host (${versions}): update ouro here`;
    return { matters: true, line };
  }
  if (local.version === remote.version) return undefined;
  return { matters: false, line: `Versions differ but get on: ${versions}` };
}
