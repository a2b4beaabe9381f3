import { type Clock, Timer } from '@ouro/base';
import type { Data, Sack } from './chunks.ts';
import { Congestion, type PathLimits } from './congestion.ts';
import { FAST_RETRANSMIT_REPORTS, MAX_BURST_BYTES } from './constants.ts';
import { Fifo } from './fifo.ts';
import { OutboundQueue } from './outbound-queue.ts';
import { tsnDistance, tsnPlus } from './serial.ts';

interface Sent {
  readonly data: Data;
  /** Told received by a gap block; the far end may still take that back. */
  acked: boolean;
  /** Counts as lost, is to be sent again, and is not on its way. */
  lost: boolean;
  /** Later ones were reported this many times. */
  reports: number;
}

export interface OutboundOptions {
  readonly clock: Clock;
  readonly path: PathLimits;
  readonly initialTsn: number;
  /** The window of the far end's INIT. */
  readonly window: number;
  /** Bytes of a stream left the queue for the first time. */
  readonly onSent: (streamId: number, ppid: number, bytes: number) => void;
  /** Something may be sent now: call `take`. */
  readonly wake: () => void;
}

/** Share of a message's bytes that its fragments may cost the far end in addition. */
const FRAGMENT_COST = 1.1;

/**
 * The sending half of an association: what waits, what is on its way, and what may go next. It never gives up: ICE
 * consent (RFC 7675) says when the path is dead, and a far end that only does not read is not dead.
 */
export class Outbound {
  readonly congestion: Congestion;
  readonly #options: OutboundOptions;
  readonly #queue = new OutboundQueue();
  readonly #sent = new Fifo<Sent>();
  #nextTsn: number;
  #ackedTsn: number;
  #window: number;
  #largestWindow: number;
  #flight = 0;
  #lostCount = 0;
  #ackedByGap = 0;
  #recoveryExit: number | undefined;
  #timed: { tsn: number; at: number } | undefined;
  readonly #timer: Timer;
  #probe: Data | undefined;
  #lastAcked: Data | undefined;
  #burst = 0;
  #retransmissions = 0;

  constructor(options: OutboundOptions) {
    this.#options = options;
    this.#timer = new Timer(options.clock, () => this.#expired());
    this.congestion = new Congestion(options.path);
    this.#nextTsn = options.initialTsn;
    this.#ackedTsn = tsnPlus(options.initialTsn, -1);
    this.#window = options.window;
    this.#largestWindow = options.window;
  }

  /** The last TSN given to any chunk. */
  get lastTsn(): number {
    return tsnPlus(this.#nextTsn, -1);
  }

  /** Chunks that were sent more than once, counted each time. */
  get retransmissions(): number {
    return this.#retransmissions;
  }

  push(streamId: number, ppid: number, data: Buffer, unordered: boolean): void {
    this.#queue.push(streamId, ppid, data, unordered);
    this.#options.wake();
  }

  /** Whether something of the stream waits or is not acknowledged. */
  isBusy(streamId: number): boolean {
    if (this.#queue.has(streamId)) return true;
    for (const { data } of this.#sent) if (data.streamId === streamId) return true;
    return false;
  }

  reset(streamId: number): void {
    this.#queue.reset(streamId);
  }

  /** Sends go in bursts of at most `MAX_BURST_BYTES`; this begins one. */
  beginBurst(): void {
    this.#burst = MAX_BURST_BYTES;
  }

  /** The next DATA for a packet with `room` bytes of payload left; `fresh`: the packet has none yet. */
  take(room: number, fresh: boolean): Data | undefined {
    if (fresh && this.#burst <= 0) return undefined;
    const data = this.#takeProbe() ?? this.#takeLost(room, fresh) ?? this.#takeNew(room, fresh);
    if (data !== undefined) this.#burst -= data.payload.length;
    if (this.#isWaiting && !this.#timer.isSet) this.#timer.set(this.congestion.rtoMs);
    return data;
  }

  /** What the far end has. Old and impossible SACKs change nothing. */
  receive(sack: Sack): void {
    const stale = tsnDistance(this.#ackedTsn, sack.cumulativeTsn) < 0;
    if (stale || tsnDistance(sack.cumulativeTsn, this.lastTsn) < 0) return;
    const full = this.#flight + this.congestion.mtu >= this.congestion.cwnd;
    const before = this.#ackedTsn;
    let acked = this.#ackUpTo(sack.cumulativeTsn);
    acked += this.#ackGaps(sack);
    if (this.#recoveryExit !== undefined && tsnDistance(this.#recoveryExit, this.#ackedTsn) >= 0) {
      this.#recoveryExit = undefined;
    }
    if (this.#recoveryExit === undefined) this.congestion.acked(acked, full);
    const reopened = this.#window === 0 && sack.window > 0;
    this.#window = sack.window;
    this.#largestWindow = Math.max(this.#largestWindow, sack.window);
    if (reopened) this.#loseAll();
    if (this.#ackedTsn !== before || reopened) this.#rearm();
    this.#options.wake();
  }

  /** There is a path again after one that had failed: all that was on its way goes out once more, at once. */
  resume(): void {
    this.congestion.restart();
    this.#recoveryExit = undefined;
    this.#timed = undefined;
    this.#loseAll();
    this.#rearm();
    this.#options.wake();
  }

  /** No timer is left. */
  stop(): void {
    this.#timer.stop();
  }

  /** What the far end has room for, less what is on its way. */
  get #room(): number {
    return Math.max(0, this.#window - this.#flight);
  }

  #takeProbe(): Data | undefined {
    const probe = this.#probe;
    this.#probe = undefined;
    return probe;
  }

  #takeLost(room: number, fresh: boolean): Data | undefined {
    if (this.#lostCount === 0 || (this.#flight > 0 && this.#flight >= this.congestion.cwnd)) return undefined;
    for (const sent of this.#sent) {
      if (!sent.lost) continue;
      // One that was made for a path with larger packets goes alone.
      if (sent.data.payload.length > room && !fresh) return undefined;
      this.#retransmissions += 1;
      sent.lost = false;
      sent.reports = 0;
      this.#lostCount -= 1;
      this.#flight += sent.data.payload.length;
      if (this.#timed?.tsn === sent.data.tsn) this.#timed = undefined;
      return sent.data;
    }
    return undefined;
  }

  #takeNew(room: number, fresh: boolean): Data | undefined {
    const next = this.#queue.next;
    if (next === undefined || this.#lostCount > 0 || this.#flight >= this.congestion.cwnd) return undefined;
    // A fragment that is not the last fills a packet: crumbs cost as much as whole packets.
    if (!fresh && next.bytes > room) return undefined;
    const fragment = this.#mayBegin(next)
      ? this.#queue.take(Math.min(room, Math.max(this.#room, 1)))
      : this.#queue.takeWhole(room, (streamId) => !this.#isOnItsWay(streamId));
    if (fragment === undefined) return undefined;
    const data: Data = { ...fragment, tsn: this.#nextTsn, immediate: false };
    this.#nextTsn = tsnPlus(this.#nextTsn, 1);
    this.#sent.push({ data, acked: false, lost: false, reports: 0 });
    this.#flight += data.payload.length;
    this.#timed ??= { tsn: data.tsn, at: this.#options.clock.now() };
    this.#options.onSent(data.streamId, data.ppid, data.payload.length);
    return data;
  }

  /**
   * A message is begun only if the far end has room for all of it: then a window that closes does so between two
   * messages, and a small one of another stream can still pass what nobody reads.
   */
  #mayBegin({ bytes, begun }: { bytes: number; begun: boolean }): boolean {
    if (begun) return this.#room > 0 || this.#flight === 0;
    return this.#room >= Math.min(FRAGMENT_COST * bytes, this.#largestWindow / 2);
  }

  #isOnItsWay(streamId: number): boolean {
    for (const { data } of this.#sent) if (data.streamId === streamId) return true;
    return false;
  }

  #ackUpTo(tsn: number): number {
    let bytes = 0;
    for (
      let first = this.#sent.first;
      first && tsnDistance(first.data.tsn, tsn) >= 0;
      first = this.#sent.first
    ) {
      this.#sent.shift();
      if (first.acked) this.#ackedByGap -= 1;
      else bytes += this.#ack(first);
      this.#lastAcked = first.data;
    }
    this.#ackedTsn = tsn;
    return bytes;
  }

  #ack(sent: Sent): number {
    const bytes = sent.data.payload.length;
    sent.acked = true;
    if (sent.lost) this.#lostCount -= 1;
    else this.#flight -= bytes;
    sent.lost = false;
    if (this.#timed?.tsn === sent.data.tsn) {
      this.congestion.measured(this.#options.clock.now() - this.#timed.at);
      this.#timed = undefined;
    }
    return bytes;
  }

  /** RFC 9260 section 6.2.1 D and 7.2.4: gaps acknowledge, and what lies before a newly acknowledged chunk is missing. */
  #ackGaps({ cumulativeTsn, gaps }: Sack): number {
    if (gaps.length === 0 && this.#ackedByGap === 0) return 0;
    let bytes = 0;
    let gap = 0;
    let highestNew = cumulativeTsn;
    for (const sent of this.#sent) {
      const offset = tsnDistance(cumulativeTsn, sent.data.tsn);
      while (gap < gaps.length && offset > (gaps[gap]?.[1] ?? 0)) gap += 1;
      const [start, end] = gaps[gap] ?? [Number.POSITIVE_INFINITY, 0];
      const reported = offset >= start && offset <= end;
      if (reported && !sent.acked) {
        bytes += this.#ack(sent);
        this.#ackedByGap += 1;
        highestNew = sent.data.tsn;
      } else if (!reported && sent.acked) this.#takenBack(sent);
    }
    if (highestNew !== cumulativeTsn) this.#reportMissing(highestNew);
    return bytes;
  }

  /** The far end dropped what it had (RFC 9260 section 6.2.1 D iii). */
  #takenBack(sent: Sent): void {
    sent.acked = false;
    this.#ackedByGap -= 1;
    sent.lost = true;
    this.#lostCount += 1;
  }

  #reportMissing(before: number): void {
    let found = false;
    for (const sent of this.#sent) {
      if (tsnDistance(sent.data.tsn, before) <= 0) break;
      if (sent.acked || sent.lost) continue;
      sent.reports += 1;
      if (sent.reports < FAST_RETRANSMIT_REPORTS) continue;
      this.#lose(sent);
      found = true;
    }
    if (!found || this.#recoveryExit !== undefined) return;
    this.congestion.lost();
    this.#recoveryExit = this.lastTsn;
  }

  #lose(sent: Sent): void {
    if (sent.acked || sent.lost) return;
    sent.lost = true;
    this.#lostCount += 1;
    this.#flight -= sent.data.payload.length;
  }

  #loseAll(): void {
    for (const sent of this.#sent) this.#lose(sent);
  }

  #rearm(): void {
    if (this.#isWaiting) this.#timer.set(this.congestion.rtoMs);
    else this.#timer.stop();
  }

  get #isWaiting(): boolean {
    return this.#sent.length > 0 || !this.#queue.isEmpty;
  }

  /** T3 (RFC 9260 section 6.3.3), or, with nothing on its way, the probe of a closed window (section 6.1 A). */
  #expired(): void {
    if (this.#sent.length > 0) {
      this.congestion.timedOut();
      this.#recoveryExit = undefined;
      this.#loseAll();
    } else {
      // A chunk that it has already makes the far end tell its window, and cannot be cut off in the middle.
      this.congestion.backOff();
      this.#probe = this.#lastAcked;
    }
    this.#rearm();
    this.#options.wake();
  }
}
