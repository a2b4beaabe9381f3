import type { PeerInfo } from './commands.ts';

/** The session protocol this code speaks. Raised only by a change that an older peer would get wrong. */
export const PROTOCOL = 1;

/**
 * What a channel is for: its DCEP `protocol`. Both ends serve the purposes they know and refuse all others, so that no
 * label is ever taken for something that it is not.
 */
export const CHANNEL_PROTOCOLS = {
  /** None: the label tells, as older peers have it. `%` has none at either end, since older agents must take it. */
  byLabel: '',
  /** Input and output of a pane. The agent opens it, labelled `<message id>:<pane id>`. */
  pane: 'ouro.pane',
  /** Standard error of a pane on pipes. The agent opens it, labelled `<message id>:<pane id>:stderr`. */
  paneStderr: 'ouro.pane.stderr',
} as const;

/** What names of purposes begin with that are this protocol's own. */
export const OWN_PROTOCOLS = 'ouro.';

/** What this code knows beyond the older commands, and the purposes of channels it knows, for `hello`. */
export const FEATURES: readonly string[] = [
  'exit',
  'eof',
  'signal',
  'stderr',
  'env',
  'marked',
  'bye',
  CHANNEL_PROTOCOLS.pane,
  CHANNEL_PROTOCOLS.paneStderr,
];

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
