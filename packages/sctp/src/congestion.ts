import {
  INITIAL_WINDOW_PACKETS,
  MAX_GROWTH_PACKETS,
  RTO_INITIAL_MS,
  RTO_MAX_MS,
  RTO_MIN_MS,
} from './constants.ts';

/** What a path takes. */
export interface PathLimits {
  /** Largest packet, in bytes. */
  readonly mtu: number;
  /** Most bytes on their way at once. */
  readonly maxWindow: number;
}

/** How much may be on its way, and how long to wait for its acknowledgement (RFC 9260 sections 6.3 and 7.2). */
export class Congestion {
  #mtu: number;
  #maxWindow: number;
  #cwnd: number;
  #ssthresh = Number.POSITIVE_INFINITY;
  #partialBytesAcked = 0;
  #srtt: number | undefined;
  #rttvar = 0;
  #rtoMs = RTO_INITIAL_MS;

  constructor(path: PathLimits) {
    this.#mtu = path.mtu;
    this.#maxWindow = path.maxWindow;
    this.#cwnd = Math.min(INITIAL_WINDOW_PACKETS * path.mtu, path.maxWindow);
  }

  get mtu(): number {
    return this.#mtu;
  }

  get cwnd(): number {
    return this.#cwnd;
  }

  get rtoMs(): number {
    return this.#rtoMs;
  }

  /** Smoothed round trip time in milliseconds, once measured. */
  get srttMs(): number | undefined {
    return this.#srtt;
  }

  setPath({ mtu, maxWindow }: PathLimits): void {
    this.#mtu = mtu;
    this.#maxWindow = maxWindow;
    this.#cwnd = Math.min(Math.max(this.#cwnd, INITIAL_WINDOW_PACKETS * mtu), maxWindow);
  }

  /** Begins anew: nothing is known of the path. */
  restart(): void {
    this.#cwnd = Math.min(INITIAL_WINDOW_PACKETS * this.#mtu, this.#maxWindow);
    this.#ssthresh = Number.POSITIVE_INFINITY;
    this.#partialBytesAcked = 0;
    this.#srtt = undefined;
    this.#rtoMs = RTO_INITIAL_MS;
  }

  /** New bytes were acknowledged. `full`: the window was in full use; else it is not known whether more would fit. */
  acked(bytes: number, full: boolean): void {
    if (!full || bytes === 0) return;
    if (this.#cwnd <= this.#ssthresh) {
      this.#grow(Math.min(bytes, MAX_GROWTH_PACKETS * this.#mtu));
      return;
    }
    this.#partialBytesAcked += bytes;
    if (this.#partialBytesAcked < this.#cwnd) return;
    this.#partialBytesAcked -= this.#cwnd;
    this.#grow(this.#mtu);
  }

  #grow(bytes: number): void {
    this.#cwnd = Math.min(this.#cwnd + bytes, this.#maxWindow);
  }

  /** A packet was lost, and later ones came (RFC 9260 section 7.2.4). Once per recovery. */
  lost(): void {
    this.#ssthresh = Math.max(this.#cwnd / 2, 4 * this.#mtu);
    this.#cwnd = this.#ssthresh;
    this.#partialBytesAcked = 0;
  }

  /** Nothing came back in time (RFC 9260 sections 6.3.3 and 7.2.3). */
  timedOut(): void {
    this.#ssthresh = Math.max(this.#cwnd / 2, 4 * this.#mtu);
    this.#cwnd = this.#mtu;
    this.#partialBytesAcked = 0;
    this.backOff();
  }

  /** Waits twice as long the next time. */
  backOff(): void {
    this.#rtoMs = Math.min(2 * this.#rtoMs, RTO_MAX_MS);
  }

  /** One round trip time, in milliseconds, of a chunk that was sent once (RFC 9260 section 6.3.1). */
  measured(rttMs: number): void {
    if (this.#srtt === undefined) {
      this.#srtt = rttMs;
      this.#rttvar = rttMs / 2;
    } else {
      this.#rttvar = 0.75 * this.#rttvar + 0.25 * Math.abs(this.#srtt - rttMs);
      this.#srtt = 0.875 * this.#srtt + 0.125 * rttMs;
    }
    this.#rtoMs = Math.min(Math.max(this.#srtt + 4 * this.#rttvar, RTO_MIN_MS), RTO_MAX_MS);
  }
}
