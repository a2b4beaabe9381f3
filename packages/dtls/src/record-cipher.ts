import { createCipheriv, createDecipheriv } from 'node:crypto';
import { DTLS_1_2, GCM } from './constants.ts';
import type { WriteKeys } from './key-schedule.ts';
import type { DtlsRecord } from './record.ts';

const ALGORITHM = 'aes-128-gcm';
const OPTIONS = { authTagLength: GCM.tag };
const OVERHEAD_BYTES = GCM.explicitNonce + GCM.tag;

/** A fragment encrypted and authenticated for its place (RFC 5288 section 3). The explicit nonce is epoch and sequence number: never twice. */
export function seal(keys: WriteKeys, record: Omit<DtlsRecord, 'version'>): Buffer {
  const place = Buffer.allocUnsafe(GCM.explicitNonce);
  place.writeUInt16BE(record.epoch, 0);
  place.writeUIntBE(record.sequence, 2, 6);
  const cipher = createCipheriv(ALGORITHM, keys.key, Buffer.concat([keys.iv, place]), OPTIONS);
  cipher.setAAD(additionalData(place, record.type, record.fragment.length));
  const body = cipher.update(record.fragment);
  cipher.final();
  return Buffer.concat([place, body, cipher.getAuthTag()]);
}

/** The plain fragment, or undefined if it is not authentic: such a record is dropped (RFC 6347 section 4.1.2.7). */
export function open(keys: WriteKeys, { type, epoch, sequence, fragment }: DtlsRecord): Buffer | undefined {
  const length = fragment.length - OVERHEAD_BYTES;
  if (length < 0) return undefined;
  const place = Buffer.allocUnsafe(GCM.explicitNonce);
  place.writeUInt16BE(epoch, 0);
  place.writeUIntBE(sequence, 2, 6);
  const nonce = Buffer.concat([keys.iv, fragment.subarray(0, GCM.explicitNonce)]);
  const decipher = createDecipheriv(ALGORITHM, keys.key, nonce, OPTIONS);
  decipher.setAAD(additionalData(place, type, length));
  decipher.setAuthTag(fragment.subarray(GCM.explicitNonce + length));
  const body = decipher.update(fragment.subarray(GCM.explicitNonce, GCM.explicitNonce + length));
  try {
    decipher.final();
    return body;
  } catch {
    return undefined;
  }
}

/** RFC 5246 section 6.2.3.3: epoch, sequence number, type, version, length of the plain text. */
function additionalData(place: Buffer, type: number, length: number): Buffer {
  const data = Buffer.allocUnsafe(13);
  place.copy(data, 0);
  data.writeUInt8(type, 8);
  data.writeUInt16BE(DTLS_1_2, 9);
  data.writeUInt16BE(length, 11);
  return data;
}
