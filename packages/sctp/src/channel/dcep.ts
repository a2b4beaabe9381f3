import { DCEP, MAX_NAME_BYTES } from './constants.ts';

/** DATA_CHANNEL_OPEN (RFC 8832 section 5.1). */
export interface Open {
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
}

const FIXED_BYTES = 12;
const UNORDERED = 0x80;
const utf8 = new TextDecoder('utf-8', { fatal: true });

export const ACK_MESSAGE = Buffer.from([DCEP.ack]);

/** A reliable channel; the lengths of label and protocol were checked before. */
export function encodeOpen({ label, protocol, ordered }: Open): Buffer {
  const names = [Buffer.from(label), Buffer.from(protocol)] as const;
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed.writeUInt8(DCEP.open, 0);
  fixed.writeUInt8(ordered ? 0 : UNORDERED, 1);
  fixed.writeUInt16BE(names[0].length, 8);
  fixed.writeUInt16BE(names[1].length, 10);
  return Buffer.concat([fixed, ...names]);
}

/** @returns undefined if it is malformed or its names are too long */
export function decodeOpen(message: Buffer): Open | undefined {
  if (message.length < FIXED_BYTES || message[0] !== DCEP.open) return undefined;
  const labelBytes = message.readUInt16BE(8);
  const protocolBytes = message.readUInt16BE(10);
  const end = FIXED_BYTES + labelBytes + protocolBytes;
  if (labelBytes > MAX_NAME_BYTES || protocolBytes > MAX_NAME_BYTES || end > message.length) return undefined;
  try {
    return {
      label: utf8.decode(message.subarray(FIXED_BYTES, FIXED_BYTES + labelBytes)),
      protocol: utf8.decode(message.subarray(FIXED_BYTES + labelBytes, end)),
      ordered: ((message[1] ?? 0) & UNORDERED) === 0,
    };
  } catch {
    return undefined;
  }
}
