import type { PathQuality } from '@ouro/peer';
import { describePair } from '../report/reporter.ts';
import type { Target } from '../target.ts';
import { MAX_RTT_SAMPLES } from './constants.ts';

/** Round trips, the newest last; the oldest goes when there are too many. */
export class RttSamples {
  readonly #samples: number[] = [];

  /** Takes a round trip in milliseconds; one that was measured already is not counted twice. */
  add(rttMs: number | undefined): void {
    if (rttMs === undefined || rttMs === this.#samples.at(-1)) return;
    this.#samples.push(rttMs);
    if (this.#samples.length > MAX_RTT_SAMPLES) this.#samples.shift();
  }

  get count(): number {
    return this.#samples.length;
  }

  get last(): number | undefined {
    return this.#samples.at(-1);
  }

  /** 95 of 100 were not longer. */
  get p95(): number | undefined {
    const sorted = [...this.#samples].sort((a, b) => a - b);
    return sorted[Math.ceil(0.95 * sorted.length) - 1];
  }
}

/** How a connection stands. Times are in milliseconds. */
export interface PathStatus {
  readonly target: string;
  /** What brought the offer, by name. */
  readonly transport: string;
  readonly connectedMs: number;
  readonly pair: PathQuality['pair'] | null;
  readonly rttMs: number | null;
  readonly rttP95Ms: number | null;
  readonly rttSamples: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly retransmissions: number;
}

/** @param connectedMs milliseconds since it was connected */
export function pathStatus(
  target: Target,
  quality: PathQuality,
  samples: RttSamples,
  connectedMs: number,
): PathStatus {
  return {
    target: target.name,
    transport: target.transport,
    connectedMs: Math.round(connectedMs),
    pair: quality.pair ?? null,
    rttMs: rounded(samples.last),
    rttP95Ms: rounded(samples.p95),
    rttSamples: samples.count,
    bytesSent: quality.bytesSent,
    bytesReceived: quality.bytesReceived,
    retransmissions: quality.retransmissions,
  };
}

/** For a person, in lines. */
export function describeStatus(status: PathStatus): string[] {
  const { rttMs, rttP95Ms, rttSamples } = status;
  const rtt =
    rttMs === null ? 'not measured yet' : `${rttMs} ms now, p95 ${rttP95Ms} ms of ${rttSamples} measured`;
  return [
    `${status.target}, by ${status.transport}, connected for ${duration(status.connectedMs)}`,
    `path        ${describePair(status.pair ?? undefined)}`,
    `round trip  ${rtt}`,
    `bytes       ${status.bytesSent} sent, ${status.bytesReceived} received`,
    `sent again  ${status.retransmissions} packets`,
  ];
}

/** `59 s`, `3 min 5 s`, `2 h 4 min`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 100) / 100;
}
