import type { Runtime } from '@ouro/base';
import { runtimeOf } from '@ouro/base/node';
import type { AssociationOptions } from './association-options.ts';
import {
  type AssociationState,
  createAssociationState,
  OUR_PARAMETERS,
  randomWord,
} from './association-state.ts';
import {
  decodeData,
  decodeForwardTsn,
  decodeInit,
  decodeSack,
  encodeInit,
  encodeSack,
  type Init,
  plainChunk,
} from './chunks.ts';
import type { PathLimits } from './congestion.ts';
import { CHUNK, COMMON_HEADER_BYTES, PARAMETER, RECEIVE_WINDOW_BYTES, STREAMS } from './constants.ts';
import { Cookie } from './cookie.ts';
import { dataChunks } from './data-chunks.ts';
import { DelayedSack } from './delayed-sack.ts';
import { SctpError } from './errors.ts';
import { HandshakeTimer } from './handshake-timer.ts';
import type { Inbound } from './inbound.ts';
import { type Chunk, chunkBytes, decodePacket, encodePacket } from './packet.ts';

type State = 'new' | 'cookie-wait' | 'cookie-echoed' | 'established' | 'closed';

/**
 * One SCTP association over DTLS (RFC 9260, RFC 8261, RFC 8831): ordered and unordered reliable messages on streams
 * that can be reset. Both ends say INIT; that the two meet is a case of RFC 9260 section 5.2.
 */
export class Association {
  readonly #options: AssociationOptions;
  readonly #runtime: Runtime;
  readonly #tag: number;
  readonly #initialTsn: number;
  readonly #cookie: Cookie;
  #path: PathLimits;
  #state: State = 'new';
  #tcb: AssociationState | undefined;
  readonly #handshakeTimer: HandshakeTimer;
  readonly #delayedSack: DelayedSack;
  #toldWindow = RECEIVE_WINDOW_BYTES;
  #flushing = false;

  constructor(options: AssociationOptions) {
    this.#options = options;
    this.#path = options.path;
    this.#runtime = runtimeOf(options);
    const { clock, random } = this.#runtime;
    this.#tag = randomWord(random);
    this.#initialTsn = options.initialTsn ?? randomWord(random);
    this.#cookie = new Cookie(this.#runtime);
    this.#handshakeTimer = new HandshakeTimer(clock);
    this.#delayedSack = new DelayedSack(clock, () => this.#sackNow());
  }

  /** Whether messages can be sent: from COOKIE ECHO on, whose packet takes the first of them (RFC 9260 section 5.1). */
  get established(): boolean {
    return this.#state === 'established' || this.#state === 'cookie-echoed';
  }

  /** Smoothed round trip time in milliseconds, once measured. */
  get srttMs(): number | undefined {
    return this.#tcb?.outbound.congestion.srttMs;
  }

  /** Says INIT, and again until it is answered; `afterMs`: only if the far end has not done it by then. Once. */
  start({ afterMs = 0 } = {}): void {
    if (this.#state !== 'new') return;
    this.#state = 'cookie-wait';
    const init = encodePacket(0, [encodeInit(CHUNK.init, this.#init())], false);
    const say = (): void => this.#options.transmit(init);
    if (afterMs === 0) say();
    this.#handshakeTimer.repeat(say, afterMs || undefined);
  }

  /** Chunks that were sent more than once, counted each time. */
  get retransmissions(): number {
    return this.#tcb?.outbound.retransmissions ?? 0;
  }

  /** There is another path. `silent`: the one before had failed, so that what was on its way is lost. */
  setPath(path: PathLimits, { silent = false } = {}): void {
    this.#path = path;
    this.#tcb?.outbound.congestion.setPath(path);
    if (!silent || !this.established) return;
    // What has come already need not come again: tell it first.
    this.#sackNow();
    this.#tcb?.outbound.resume();
  }

  /** Takes one packet of the far end, decrypted. Never throws; what is malformed is dropped. */
  receive(bytes: Buffer): void {
    const packet = this.#state === 'closed' ? undefined : decodePacket(bytes);
    if (packet === undefined) return;
    const isInit = packet.chunks[0]?.type === CHUNK.init;
    if (packet.verificationTag !== (isInit ? 0 : this.#tag)) return;
    try {
      let data = 0;
      for (const chunk of packet.chunks) {
        if (chunk.type === CHUNK.data) data += this.#receiveData(chunk) ? 1 : 0;
        else this.#receiveChunk(chunk);
      }
      if (data > 0) this.#received();
    } catch (thrown) {
      const error =
        thrown instanceof SctpError
          ? thrown
          : new SctpError('violation', 'An inner fault', { cause: thrown });
      this.#close(error, true);
    }
  }

  /** Queues one message, at least one byte. @throws SctpError `closed` unless established */
  send(streamId: number, ppid: number, data: Buffer, { ordered }: { ordered: boolean }): void {
    if (this.#tcb === undefined || !this.established)
      throw new SctpError('closed', 'The association is closed');
    this.#tcb.outbound.push(streamId, ppid, data, !ordered);
  }

  /** Whether something of the stream waits or is not acknowledged. */
  isBusy(streamId: number): boolean {
    return this.#tcb?.outbound.isBusy(streamId) ?? false;
  }

  /** Resets our side of a stream that is not busy. `onOutgoingReset` follows. */
  reset(streamId: number): void {
    if (this.established) this.#tcb?.reconfig.reset(streamId);
  }

  /** A reader keeps (or, negative, has taken) messages of this many bytes: the receive window is that much smaller. */
  hold(bytes: number): void {
    const inbound = this.#tcb?.inbound;
    if (inbound === undefined) return;
    inbound.hold(bytes);
    const grown = inbound.window - this.#toldWindow;
    if (bytes < 0 && grown >= Math.min(RECEIVE_WINDOW_BYTES / 4, RECEIVE_WINDOW_BYTES - this.#toldWindow)) {
      this.#sackNow();
    }
  }

  /** Tells the far end that it is over, and ends all timers. Twice is once. */
  abort(): void {
    if (this.#state !== 'closed') this.#close(undefined, true);
  }

  #init(): Init {
    return {
      initiateTag: this.#tag,
      window: RECEIVE_WINDOW_BYTES,
      outboundStreams: STREAMS,
      inboundStreams: STREAMS,
      initialTsn: this.#initialTsn,
      parameters: OUR_PARAMETERS,
    };
  }

  #receiveChunk(chunk: Chunk): void {
    const { type } = chunk;
    if (type === CHUNK.init) this.#receiveInit(chunk);
    else if (type === CHUNK.initAck) this.#receiveInitAck(chunk);
    else if (type === CHUNK.cookieEcho) this.#receiveCookieEcho(chunk);
    else if (type === CHUNK.cookieAck) this.#receiveCookieAck();
    else if (type === CHUNK.heartbeat) this.#transmit([plainChunk(CHUNK.heartbeatAck, chunk.value)]);
    else if (type === CHUNK.abort || type === CHUNK.shutdown) this.#closedByPeer(type === CHUNK.shutdown);
    else this.#receiveInSession(chunk);
  }

  #closedByPeer(shutdown: boolean): void {
    if (shutdown) this.#transmit([plainChunk(CHUNK.shutdownAck)]);
    this.#close(new SctpError('aborted', 'The other end closed the connection'), false);
  }

  #receiveInSession(chunk: Chunk): void {
    const tcb = this.#tcb;
    if (tcb === undefined || !this.established) return;
    if (chunk.type === CHUNK.sack) {
      const sack = decodeSack(chunk);
      if (sack !== undefined) tcb.outbound.receive(sack);
      this.#options.onAcked();
    } else if (chunk.type === CHUNK.reConfig) tcb.reconfig.receive(chunk);
    else if (chunk.type === CHUNK.forwardTsn) {
      const forward = decodeForwardTsn(chunk);
      if (forward !== undefined) tcb.inbound.forward(forward);
      this.#received();
    }
  }

  #receiveInit(chunk: Chunk): void {
    const init = decodeInit(chunk);
    // A restart inside a DTLS session has no meaning: its first INIT that came stays.
    if (init === undefined || this.#state === 'established') return;
    const parameters = [
      ...OUR_PARAMETERS,
      { type: PARAMETER.stateCookie, value: this.#cookie.bake(chunk.value) },
    ];
    const ack = encodeInit(CHUNK.initAck, { ...this.#init(), parameters });
    this.#options.transmit(encodePacket(init.initiateTag, [ack], false));
  }

  #receiveInitAck(chunk: Chunk): void {
    if (this.#state !== 'cookie-wait') return;
    const init = decodeInit(chunk);
    const cookie = init?.parameters.find(({ type }) => type === PARAMETER.stateCookie);
    if (init === undefined || cookie === undefined) return;
    this.#begin(init);
    this.#handshakeTimer.stop();
    this.#state = 'cookie-echoed';
    this.#options.onEstablished();
    // Whoever waited for the association says now, in promise callbacks, what saves a round trip in this packet.
    setImmediate(() => this.#sendCookieEcho(plainChunk(CHUNK.cookieEcho, cookie.value)));
  }

  /** With the first DATA; nothing else may be sent before COOKIE ACK (RFC 9260 section 5.1). */
  #sendCookieEcho(echo: Chunk): void {
    if (this.#state !== 'cookie-echoed' || this.#tcb === undefined) return;
    const { outbound, remoteTag } = this.#tcb;
    outbound.beginBurst();
    const data = dataChunks(outbound, this.#room - chunkBytes(echo.value.length));
    this.#options.transmit(encodePacket(remoteTag, [echo, ...data], false));
    const again = encodePacket(remoteTag, [echo], false);
    this.#handshakeTimer.repeat(() => this.#options.transmit(again));
  }

  #receiveCookieEcho(chunk: Chunk): void {
    const baked = this.#cookie.open(chunk.value);
    const init = baked && decodeInit({ type: CHUNK.init, flags: 0, value: baked });
    if (init === undefined) return;
    if (this.#tcb === undefined) this.#begin(init);
    if (this.#tcb?.remoteTag !== init.initiateTag) return;
    this.#transmit([plainChunk(CHUNK.cookieAck)]);
    this.#establish();
  }

  #receiveCookieAck(): void {
    if (this.#state === 'cookie-echoed') this.#establish();
  }

  #begin(init: Init): void {
    this.#tcb = createAssociationState(init, this.#initialTsn, {
      ...this.#options,
      clock: this.#runtime.clock,
      path: this.#path,
      send: (chunk) => this.#transmit([chunk]),
      wake: () => this.#wake(),
    });
  }

  #establish(): void {
    if (this.#state === 'established' || this.#state === 'closed') return;
    this.#handshakeTimer.stop();
    const isNews = !this.established;
    this.#state = 'established';
    if (isNews) this.#options.onEstablished();
    // What was said before may have missed the packet of our own COOKIE ECHO.
    this.#wake();
  }

  /** @returns whether the chunk was one that a SACK answers */
  #receiveData(chunk: Chunk): boolean {
    // DATA may come in the packet of the COOKIE ECHO, never before it.
    const data = this.#tcb && decodeData(chunk);
    if (data === undefined || this.#state === 'cookie-wait') return false;
    if (data.payload.length === 0) throw new SctpError('violation', 'The other end sent DATA without data');
    this.#tcb?.inbound.receive(data);
    return true;
  }

  /** After a packet with data. */
  #received(): void {
    if (this.#tcb === undefined) return;
    this.#tcb.reconfig.advanced();
    this.#delayedSack.received(this.#tcb.inbound.isUrgent);
  }

  #sackNow(): void {
    if (this.#state === 'closed' || this.#tcb === undefined) return;
    this.#transmit([this.#sack(this.#tcb.inbound)]);
  }

  #sack(inbound: Inbound): Chunk {
    this.#delayedSack.sent();
    const sack = inbound.sack();
    this.#toldWindow = sack.window;
    return encodeSack(sack);
  }

  /** Sends what may be sent, at the end of the current work: what is said in one go shares packets. */
  #wake(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      if (this.#state === 'established' && this.#tcb !== undefined) this.#flush(this.#tcb);
    });
  }

  #flush({ inbound, outbound }: AssociationState): void {
    outbound.beginBurst();
    if (this.#delayedSack.isPending && inbound.isUrgent) this.#sackNow();
    for (;;) {
      const piggyback = this.#delayedSack.isPending;
      const chunks = dataChunks(outbound, this.#room - (piggyback ? PLAIN_SACK_BYTES : 0));
      if (chunks.length === 0) return;
      this.#transmit(piggyback ? [this.#sack(inbound), ...chunks] : chunks);
    }
  }

  /** Bytes of chunks in one packet. */
  get #room(): number {
    return this.#path.mtu - COMMON_HEADER_BYTES;
  }

  #transmit(chunks: readonly Chunk[]): void {
    const { remoteTag, zeroChecksum } = this.#tcb ?? { remoteTag: 0, zeroChecksum: false };
    const mayOmit = zeroChecksum && chunks[0]?.type !== CHUNK.cookieEcho;
    this.#options.transmit(encodePacket(remoteTag, chunks, mayOmit));
  }

  #close(error: SctpError | undefined, tell: boolean): void {
    if (this.#state === 'closed') return;
    if (tell && this.#tcb !== undefined) this.#transmit([plainChunk(CHUNK.abort)]);
    this.#state = 'closed';
    this.#handshakeTimer.stop();
    this.#delayedSack.stop();
    this.#tcb?.outbound.stop();
    this.#tcb?.reconfig.stop();
    if (error !== undefined) this.#options.onClosed(error);
  }
}

/** A SACK with neither gaps nor duplicates, as a chunk. */
const PLAIN_SACK_BYTES = 16;
