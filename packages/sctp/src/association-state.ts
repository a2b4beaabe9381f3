import type { Clock, Random } from '@ouro/base';
import type { AssociationOptions } from './association-options.ts';
import type { Init } from './chunks.ts';
import { CHUNK, PARAMETER, ZERO_CHECKSUM_BY_DTLS } from './constants.ts';
import { Inbound } from './inbound.ts';
import { Outbound } from './outbound.ts';
import type { Chunk } from './packet.ts';
import { type Parameter, words } from './parameters.ts';
import { Reconfig } from './reconfig.ts';

/** What exists from the moment that the far end's INIT is accepted: the TCB of RFC 9260 section 14. */
export interface AssociationState {
  readonly remoteTag: number;
  /** The far end takes packets without a checksum (RFC 9653). */
  readonly zeroChecksum: boolean;
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  readonly reconfig: Reconfig;
}

export interface AssociationStateOptions
  extends Pick<
    AssociationOptions,
    'path' | 'onMessage' | 'flows' | 'onSent' | 'onIncomingReset' | 'onOutgoingReset'
  > {
  readonly clock: Clock;
  readonly send: (chunk: Chunk) => void;
  readonly wake: () => void;
}

/** What our INIT and INIT ACK say beside the numbers. */
export const OUR_PARAMETERS: readonly Parameter[] = [
  { type: PARAMETER.zeroChecksum, value: words(ZERO_CHECKSUM_BY_DTLS) },
  { type: PARAMETER.supportedExtensions, value: Buffer.from([CHUNK.reConfig, CHUNK.forwardTsn]) },
  { type: PARAMETER.forwardTsnSupported, value: Buffer.alloc(0) },
];

/** Both directions of an association with the far end that sent this INIT or INIT ACK. */
export function createAssociationState(
  init: Init,
  initialTsn: number,
  options: AssociationStateOptions,
): AssociationState {
  const inbound = new Inbound(init.initialTsn, {
    deliver: (streamId, { ppid, data }) => options.onMessage(streamId, ppid, data),
    flows: options.flows,
  });
  const { clock, path, onSent, wake } = options;
  const outbound = new Outbound({ clock, path, initialTsn, window: init.window, onSent, wake });
  const reconfig = new Reconfig(initialTsn, init.initialTsn, {
    clock,
    send: options.send,
    lastSentTsn: () => outbound.lastTsn,
    cumulativeTsn: () => inbound.cumulativeTsn,
    rtoMs: () => outbound.congestion.rtoMs,
    incomingReset: (streamIds) => {
      inbound.reset(streamIds);
      options.onIncomingReset(streamIds);
    },
    outgoingReset: (streamIds) => {
      for (const id of streamIds) outbound.reset(id);
      options.onOutgoingReset(streamIds);
    },
  });
  const zeroChecksum = init.parameters.some(takesZeroChecksum);
  return { remoteTag: init.initiateTag, zeroChecksum, inbound, outbound, reconfig };
}

/** A random number that is not 0 (RFC 9260 section 5.3.1). */
export function randomWord(random: Random): number {
  return Buffer.from(random(4)).readUInt32BE(0) || 1;
}

function takesZeroChecksum({ type, value }: Parameter): boolean {
  return (
    type === PARAMETER.zeroChecksum && value.length >= 4 && value.readUInt32BE(0) === ZERO_CHECKSUM_BY_DTLS
  );
}
