import type { Clock } from '@ouro/base';
import { CHUNK, MAX_STREAMS_PER_RESET, PARAMETER, RESET_RESULT } from './constants.ts';
import type { Chunk } from './packet.ts';
import { decodeParameters, encodeParameters, type Parameter, words } from './parameters.ts';
import { tsnDistance, tsnPlus } from './serial.ts';

/** Three sequence numbers come before the stream ids (RFC 6525 section 4.1). */
const OUTGOING_RESET_FIXED_BYTES = 12;

export interface ReconfigHost {
  readonly clock: Clock;
  send(chunk: Chunk): void;
  /** The last TSN that we gave to any chunk. */
  lastSentTsn(): number;
  /** All up to this TSN was received. */
  cumulativeTsn(): number;
  /** How long to wait for a response, in milliseconds. */
  rtoMs(): number;
  /** The far end has reset its side of these streams, and all it had sent on them was given; none given means all. */
  incomingReset(streamIds: readonly number[]): void;
  /** The far end knows that we have reset our side of these streams. */
  outgoingReset(streamIds: readonly number[]): void;
}

interface Request {
  readonly sequence: number;
  readonly streamIds: readonly number[];
  readonly parameter: Parameter;
}

interface Deferred {
  readonly sequence: number;
  readonly lastTsn: number;
  readonly streamIds: readonly number[];
}

/** Resetting of streams (RFC 6525), which is how data channels close (RFC 8831 section 6.7). One request at a time. */
export class Reconfig {
  readonly #host: ReconfigHost;
  readonly #waiting = new Set<number>();
  #nextSequence: number;
  #lastFromPeer: number;
  #lastResponse: Parameter | undefined;
  #deferred: Deferred | undefined;
  #request: Request | undefined;
  #cancel: () => void = () => {};

  /** Sequence numbers begin with the initial TSNs (RFC 6525 section 5.1.1, 5.2.1). */
  constructor(localInitialTsn: number, remoteInitialTsn: number, host: ReconfigHost) {
    this.#host = host;
    this.#nextSequence = localInitialTsn;
    this.#lastFromPeer = tsnPlus(remoteInitialTsn, -1);
  }

  /** Asks for a reset of our side of a stream, on which nothing is left to be sent or acknowledged. */
  reset(streamId: number): void {
    this.#waiting.add(streamId);
    this.#next();
  }

  receive({ value }: Chunk): void {
    for (const parameter of decodeParameters(value)) {
      if (parameter.type === PARAMETER.outgoingReset) this.#outgoingReset(parameter.value);
      else if (parameter.type === PARAMETER.resetResponse) this.#response(parameter.value);
      else if (isOtherRequest(parameter)) this.#respond(parameter.value.readUInt32BE(0), RESET_RESULT.denied);
    }
  }

  /** More has been received: a reset that waited for it may be done now. */
  advanced(): void {
    const deferred = this.#deferred;
    if (deferred === undefined || tsnDistance(deferred.lastTsn, this.#host.cumulativeTsn()) < 0) return;
    this.#deferred = undefined;
    this.#perform(deferred);
  }

  /** No timer is left. */
  stop(): void {
    this.#cancel();
    this.#waiting.clear();
    this.#request = undefined;
  }

  #next(): void {
    if (this.#request !== undefined || this.#waiting.size === 0) return;
    const streamIds = [...this.#waiting].slice(0, MAX_STREAMS_PER_RESET);
    for (const id of streamIds) this.#waiting.delete(id);
    const sequence = this.#nextSequence;
    this.#nextSequence = tsnPlus(sequence, 1);
    const ids = Buffer.alloc(2 * streamIds.length);
    for (const [i, id] of streamIds.entries()) ids.writeUInt16BE(id, 2 * i);
    const value = Buffer.concat([words(sequence, this.#lastFromPeer, this.#host.lastSentTsn()), ids]);
    this.#request = { sequence, streamIds, parameter: { type: PARAMETER.outgoingReset, value } };
    this.#send();
  }

  #send(): void {
    this.#cancel();
    if (this.#request === undefined) return;
    this.#host.send(reConfigChunk(this.#request.parameter));
    this.#cancel = this.#host.clock.after(this.#host.rtoMs(), () => this.#send());
  }

  #response(value: Buffer): void {
    const request = this.#request;
    if (value.length < 8 || request === undefined || value.readUInt32BE(0) !== request.sequence) return;
    // «In progress» means: ask again later, which the timer does.
    if (value.readUInt32BE(4) === RESET_RESULT.inProgress) return;
    this.#cancel();
    this.#request = undefined;
    this.#host.outgoingReset(request.streamIds);
    this.#next();
  }

  #outgoingReset(value: Buffer): void {
    if (value.length < OUTGOING_RESET_FIXED_BYTES) return;
    const sequence = value.readUInt32BE(0);
    const isAgain = this.#deferred?.sequence === sequence;
    if (sequence === this.#lastFromPeer && this.#lastResponse !== undefined) {
      this.#host.send(reConfigChunk(this.#lastResponse));
    } else if (isAgain || sequence === tsnPlus(this.#lastFromPeer, 1)) {
      this.#performOrDefer({ sequence, lastTsn: value.readUInt32BE(8), streamIds: readStreamIds(value) });
    } else this.#respond(sequence, RESET_RESULT.badSequence);
  }

  #performOrDefer(request: Deferred): void {
    if (tsnDistance(request.lastTsn, this.#host.cumulativeTsn()) >= 0) {
      this.#deferred = undefined;
      this.#perform(request);
    } else {
      this.#deferred = request;
      this.#respond(request.sequence, RESET_RESULT.inProgress);
    }
  }

  #perform({ sequence, streamIds }: Deferred): void {
    this.#lastFromPeer = sequence;
    this.#respond(sequence, RESET_RESULT.performed);
    this.#host.incomingReset(streamIds);
  }

  #respond(sequence: number, result: number): void {
    const response = { type: PARAMETER.resetResponse, value: words(sequence, result) };
    if (result === RESET_RESULT.performed) this.#lastResponse = response;
    this.#host.send(reConfigChunk(response));
  }
}

function readStreamIds(value: Buffer): number[] {
  const streamIds: number[] = [];
  for (let at = OUTGOING_RESET_FIXED_BYTES; at + 2 <= value.length; at += 2)
    streamIds.push(value.readUInt16BE(at));
  return streamIds;
}

function reConfigChunk(parameter: Parameter): Chunk {
  return { type: CHUNK.reConfig, flags: 0, value: encodeParameters([parameter]) };
}

function isOtherRequest({ type, value }: Parameter): boolean {
  const others: readonly number[] = [PARAMETER.incomingReset, PARAMETER.addOutgoing, PARAMETER.addIncoming];
  return others.includes(type) && value.length >= 4;
}
