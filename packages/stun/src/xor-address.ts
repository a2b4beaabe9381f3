import { isIPv4 } from 'node:net';
import { canonicalAddress, type TransportAddress } from '@ouro/base/node';
import { MAGIC_COOKIE } from './constants.ts';

const FAMILY = { ipv4: 1, ipv6: 2 } as const;

/** The value of an XOR-MAPPED-ADDRESS (RFC 8489 section 14.2) or of a TURN attribute of that form. */
export function encodeXorAddress({ address, port }: TransportAddress, transactionId: string): Buffer {
  const ip = addressBytes(address);
  const head = Buffer.alloc(4);
  head.writeUInt8(ip.length === 4 ? FAMILY.ipv4 : FAMILY.ipv6, 1);
  head.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  return Buffer.concat([head, xor(ip, transactionId)]);
}

/** @returns undefined if it is malformed */
export function decodeXorAddress(
  value: Buffer | undefined,
  transactionId: string,
): TransportAddress | undefined {
  if (value === undefined) return undefined;
  const length = value[1] === FAMILY.ipv4 ? 4 : 16;
  if ((value[1] !== FAMILY.ipv4 && value[1] !== FAMILY.ipv6) || value.length !== 4 + length) return undefined;
  return {
    address: addressText(xor(value.subarray(4), transactionId)),
    port: value.readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16),
  };
}

function xor(bytes: Buffer, transactionId: string): Buffer {
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(MAGIC_COOKIE, 0);
  mask.write(transactionId, 4, 'hex');
  return Buffer.from(bytes.map((byte, i) => byte ^ (mask[i] ?? 0)));
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [left = '', right] = address.split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const head = groups(left);
  const tail = groups(right ?? '');
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const bytes = Buffer.alloc(16);
  for (const [i, group] of [...head, ...zeros, ...tail].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i);
  return bytes;
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return canonicalAddress(groups.join(':'));
}
