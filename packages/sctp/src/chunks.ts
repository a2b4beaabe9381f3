import { CHUNK, DATA_FLAG, MAX_DUPLICATES, MAX_GAP_BLOCKS } from './constants.ts';
import type { Chunk } from './packet.ts';
import { decodeParameters, encodeParameters, type Parameter, words } from './parameters.ts';

/** INIT and INIT ACK (RFC 9260 section 3.3.2). */
export interface Init {
  readonly initiateTag: number;
  readonly window: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  readonly initialTsn: number;
  readonly parameters: readonly Parameter[];
}

/** DATA (RFC 9260 section 3.3.1). */
export interface Data {
  readonly tsn: number;
  readonly streamId: number;
  readonly ssn: number;
  readonly ppid: number;
  readonly begin: boolean;
  readonly end: boolean;
  readonly unordered: boolean;
  readonly immediate: boolean;
  readonly payload: Buffer;
}

/** SACK (RFC 9260 section 3.3.4); gaps are offsets from `cumulativeTsn`, ends included. */
export interface Sack {
  readonly cumulativeTsn: number;
  readonly window: number;
  readonly gaps: readonly (readonly [start: number, end: number])[];
  readonly duplicates: readonly number[];
}

/** FORWARD TSN (RFC 3758 section 3.2). */
export interface ForwardTsn {
  readonly cumulativeTsn: number;
  readonly streams: readonly { readonly streamId: number; readonly ssn: number }[];
}

const INIT_FIXED_BYTES = 16;
const DATA_FIXED_BYTES = 12;
const SACK_FIXED_BYTES = 12;

/** @returns undefined if it is malformed or has values that RFC 9260 forbids */
export function decodeInit({ value }: Chunk): Init | undefined {
  if (value.length < INIT_FIXED_BYTES) return undefined;
  const init = {
    initiateTag: value.readUInt32BE(0),
    window: value.readUInt32BE(4),
    outboundStreams: value.readUInt16BE(8),
    inboundStreams: value.readUInt16BE(10),
    initialTsn: value.readUInt32BE(12),
    parameters: decodeParameters(value.subarray(INIT_FIXED_BYTES)),
  };
  const legal = init.initiateTag !== 0 && init.outboundStreams !== 0 && init.inboundStreams !== 0;
  return legal ? init : undefined;
}

export function encodeInit(type: typeof CHUNK.init | typeof CHUNK.initAck, init: Init): Chunk {
  const fixed = Buffer.allocUnsafe(INIT_FIXED_BYTES);
  fixed.writeUInt32BE(init.initiateTag, 0);
  fixed.writeUInt32BE(init.window, 4);
  fixed.writeUInt16BE(init.outboundStreams, 8);
  fixed.writeUInt16BE(init.inboundStreams, 10);
  fixed.writeUInt32BE(init.initialTsn, 12);
  return { type, flags: 0, value: Buffer.concat([fixed, encodeParameters(init.parameters)]) };
}

/** @returns undefined if it is malformed */
export function decodeData({ flags, value }: Chunk): Data | undefined {
  if (value.length < DATA_FIXED_BYTES) return undefined;
  return {
    tsn: value.readUInt32BE(0),
    streamId: value.readUInt16BE(4),
    ssn: value.readUInt16BE(6),
    ppid: value.readUInt32BE(8),
    begin: (flags & DATA_FLAG.begin) !== 0,
    end: (flags & DATA_FLAG.end) !== 0,
    unordered: (flags & DATA_FLAG.unordered) !== 0,
    immediate: (flags & DATA_FLAG.immediate) !== 0,
    payload: value.subarray(DATA_FIXED_BYTES),
  };
}

export function encodeData(data: Data): Chunk {
  const fixed = Buffer.allocUnsafe(DATA_FIXED_BYTES);
  fixed.writeUInt32BE(data.tsn, 0);
  fixed.writeUInt16BE(data.streamId, 4);
  fixed.writeUInt16BE(data.ssn, 6);
  fixed.writeUInt32BE(data.ppid, 8);
  const flags =
    (data.begin ? DATA_FLAG.begin : 0) |
    (data.end ? DATA_FLAG.end : 0) |
    (data.unordered ? DATA_FLAG.unordered : 0) |
    (data.immediate ? DATA_FLAG.immediate : 0);
  return { type: CHUNK.data, flags, value: Buffer.concat([fixed, data.payload]) };
}

/** @returns undefined if it is malformed */
export function decodeSack({ value }: Chunk): Sack | undefined {
  if (value.length < SACK_FIXED_BYTES) return undefined;
  const gapCount = value.readUInt16BE(8);
  const duplicateCount = value.readUInt16BE(10);
  if (value.length < SACK_FIXED_BYTES + 4 * (gapCount + duplicateCount)) return undefined;
  const gaps: [number, number][] = [];
  for (let i = 0; i < gapCount; i += 1) {
    const at = SACK_FIXED_BYTES + 4 * i;
    gaps.push([value.readUInt16BE(at), value.readUInt16BE(at + 2)]);
  }
  return { cumulativeTsn: value.readUInt32BE(0), window: value.readUInt32BE(4), gaps, duplicates: [] };
}

export function encodeSack(sack: Sack): Chunk {
  const gaps = sack.gaps.slice(0, MAX_GAP_BLOCKS);
  const duplicates = sack.duplicates.slice(0, MAX_DUPLICATES);
  const counts = Buffer.allocUnsafe(4);
  counts.writeUInt16BE(gaps.length, 0);
  counts.writeUInt16BE(duplicates.length, 2);
  const blocks = gaps.map(([start, end]) => ((start << 16) | end) >>> 0);
  const value = Buffer.concat([
    words(sack.cumulativeTsn, sack.window),
    counts,
    words(...blocks, ...duplicates),
  ]);
  return { type: CHUNK.sack, flags: 0, value };
}

/** @returns undefined if it is malformed */
export function decodeForwardTsn({ value }: Chunk): ForwardTsn | undefined {
  if (value.length < 4) return undefined;
  const streams: { streamId: number; ssn: number }[] = [];
  for (let at = 4; at + 4 <= value.length; at += 4) {
    streams.push({ streamId: value.readUInt16BE(at), ssn: value.readUInt16BE(at + 2) });
  }
  return { cumulativeTsn: value.readUInt32BE(0), streams };
}

/** A chunk that is nothing but its type and, sometimes, a body that was given. */
export function plainChunk(type: number, value: Buffer = Buffer.alloc(0)): Chunk {
  return { type, flags: 0, value };
}
