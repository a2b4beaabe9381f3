import { MAX_ACK_TIMEOUT_MS } from '../base/constants.ts';
import type { ConfigFile } from './schema.ts';

/** A setting that changes nothing, and why. */
export interface IdleSetting {
  readonly path: readonly string[];
  /** Ends the sentence "… has no effect: ". */
  readonly why: string;
}

const NO_PEERBOOK = 'this version meets its clients by SSH and HTTP alone';

/** What stands in a config that is understood, for the sake of those who come from webexec, and does nothing here. */
export function withoutEffect({ timeouts = {}, peerbook }: ConfigFile): IdleSetting[] {
  const idle: (IdleSetting | false)[] = [
    timeouts.keep_alive !== undefined && {
      path: ['timeouts', 'keep_alive'],
      why: 'an idle path is checked every 5 s, as RFC 7675 has it',
    },
    (timeouts.ack ?? 0) > MAX_ACK_TIMEOUT_MS && {
      path: ['timeouts', 'ack'],
      why: `no client is waited for longer than ${MAX_ACK_TIMEOUT_MS} ms, which is taken`,
    },
    timeouts.peerbook !== undefined && { path: ['timeouts', 'peerbook'], why: NO_PEERBOOK },
    peerbook !== undefined && { path: ['peerbook'], why: NO_PEERBOOK },
  ];
  return idle.filter((setting) => setting !== false);
}
