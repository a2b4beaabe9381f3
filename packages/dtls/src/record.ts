import { DTLS_1_0, DTLS_1_2, RECORD_HEADER_BYTES } from './constants.ts';

/** One record (RFC 6347 section 4.1), its fragment as it is on the wire. */
export interface DtlsRecord {
  readonly type: number;
  readonly version: number;
  readonly epoch: number;
  /** 48 bits. */
  readonly sequence: number;
  readonly fragment: Buffer;
}

/** The records of one datagram. What cannot be read ends it, silently (RFC 6347 section 4.1.2.7). */
export function* splitDatagram(datagram: Buffer): Generator<DtlsRecord> {
  let at = 0;
  while (at + RECORD_HEADER_BYTES <= datagram.length) {
    const version = datagram.readUInt16BE(at + 1);
    const end = at + RECORD_HEADER_BYTES + datagram.readUInt16BE(at + 11);
    if ((version !== DTLS_1_2 && version !== DTLS_1_0) || end > datagram.length) return;
    yield {
      type: datagram.readUInt8(at),
      version,
      epoch: datagram.readUInt16BE(at + 3),
      sequence: datagram.readUIntBE(at + 5, 6),
      fragment: datagram.subarray(at + RECORD_HEADER_BYTES, end),
    };
    at = end;
  }
}

/** The header of a record of ours. */
export function recordHeader(type: number, epoch: number, sequence: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(RECORD_HEADER_BYTES);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(DTLS_1_2, 1);
  header.writeUInt16BE(epoch, 3);
  header.writeUIntBE(sequence, 5, 6);
  header.writeUInt16BE(length, 11);
  return header;
}
