import {
  CONTENT_TYPE,
  GCM,
  HANDSHAKE_DATAGRAM_BYTES,
  HANDSHAKE_HEADER_BYTES,
  RECORD_HEADER_BYTES,
} from './constants.ts';
import type { Outgoing } from './handshake.ts';
import { handshakeHeader } from './reassembly.ts';

/** Makes one record of a plain fragment: the next sequence number of its epoch, encrypted if the epoch is. */
export type ToRecord = (type: number, epoch: 0 | 1, fragment: Buffer) => Buffer;

const MAX_FRAGMENT_BYTES =
  HANDSHAKE_DATAGRAM_BYTES - RECORD_HEADER_BYTES - HANDSHAKE_HEADER_BYTES - GCM.explicitNonce - GCM.tag;

/** A flight as datagrams of at most `HANDSHAKE_DATAGRAM_BYTES`, its messages cut where they must be (RFC 6347 section 4.2.3). */
export function flightDatagrams(flight: readonly Outgoing[], toRecord: ToRecord): Buffer[] {
  const datagrams: Buffer[][] = [];
  let room = 0;
  for (const message of flight) {
    for (const fragment of fragments(message)) {
      const record = toRecord(message.contentType, message.epoch, fragment);
      if (record.length > room) {
        datagrams.push([]);
        room = HANDSHAKE_DATAGRAM_BYTES;
      }
      datagrams.at(-1)?.push(record);
      room -= record.length;
    }
  }
  return datagrams.map((records) => Buffer.concat(records));
}

function fragments({ contentType, type, sequence, body }: Outgoing): Buffer[] {
  if (contentType === CONTENT_TYPE.changeCipherSpec) return [body];
  const cut: Buffer[] = [];
  for (let at = 0; at === 0 || at < body.length; at += MAX_FRAGMENT_BYTES) {
    const part = body.subarray(at, at + MAX_FRAGMENT_BYTES);
    cut.push(Buffer.concat([handshakeHeader(type, sequence, body.length, at, part.length), part]));
  }
  return cut;
}
