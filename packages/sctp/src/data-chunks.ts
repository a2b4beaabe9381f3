import { encodeData } from './chunks.ts';
import { DATA_HEADER_BYTES } from './constants.ts';
import type { Outbound } from './outbound.ts';
import { type Chunk, chunkBytes } from './packet.ts';

/** What may be sent now, as DATA chunks that fit into `room` bytes of one packet. */
export function dataChunks(outbound: Outbound, room: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let left = room; left > DATA_HEADER_BYTES; ) {
    const next = outbound.take((left - DATA_HEADER_BYTES) & ~3, chunks.length === 0);
    if (next === undefined) break;
    const chunk = encodeData(next);
    chunks.push(chunk);
    left -= chunkBytes(chunk.value.length);
  }
  return chunks;
}
