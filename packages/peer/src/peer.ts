import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { Fingerprint, fingerprintFromSdp } from '@ouro/fingerprint/fingerprint';
import type { DataChannel } from './channel/data-channel.ts';
import type { PeerOptions } from './create-peer.ts';
import type {
  CandidateEvent,
  CandidateInit,
  ConnectionState,
  Description,
  DescriptionInit,
  IceConnectionState,
  IceGatheringState,
  PeerConnectionLike,
  PeerEventType,
  SignalingState,
} from './face/index.ts';
import {
  formatCandidate,
  type IceCandidate,
  type IceState,
  parseCandidate,
  parseIceServers,
} from './ice/index.ts';
import {
  formatDescription,
  OFFERED_MID,
  parseDescription,
  type RemoteDescription,
  type Setup,
} from './sdp/index.ts';
import { type SelectedPair, toSelectedPair } from './selected-pair.ts';
import { socketSources } from './socket-sources.ts';
import { connectionStateOf, type DtlsState } from './states.ts';
import { type Stats, statsOf } from './stats.ts';
import { Transport } from './transport.ts';
import { TypedEventTarget } from './typed-events.ts';

/** What each event of a peer carries. */
export interface PeerEvents extends Record<PeerEventType, object> {
  icecandidate: CandidateEvent;
  datachannel: { readonly channel: DataChannel };
}

interface Remote {
  readonly description: Description;
  readonly parsed: RemoteDescription;
  readonly fingerprint: Fingerprint;
}

/**
 * One WebRTC peer for data channels, with the face of W3C `RTCPeerConnection`. One negotiation in its life: an offer
 * and an answer. It shows one persistent certificate and accepts only the one that the remote description announces.
 */
export class Peer extends TypedEventTarget<PeerEvents> implements PeerConnectionLike, AsyncDisposable {
  readonly #transport: Transport;
  readonly #fingerprint: Fingerprint;
  readonly #sessionId = (randomBytes(8).readBigUInt64BE(0) >> 1n).toString();
  #local: (Pick<Description, 'type'> & { readonly setup: Setup }) | undefined;
  #remote: Remote | undefined;
  #signalingState: SignalingState = 'stable';
  #gatheringState: IceGatheringState = 'new';
  #iceState: IceState = 'new';
  #dtlsState: DtlsState = 'new';
  #connectionState: ConnectionState = 'new';
  #closed = false;

  /** See `createPeer`. */
  constructor(options: PeerOptions) {
    super();
    const { identity, consentTimeoutMs } = options;
    this.#fingerprint = identity.fingerprint;
    this.#transport = new Transport({
      identity: {
        certificate: new X509Certificate(identity.certificatePem).raw,
        privateKey: createPrivateKey(identity.privateKeyPem),
      },
      sources: socketSources(options),
      servers: parseIceServers(options.iceServers),
      ...(consentTimeoutMs === undefined ? {} : { consentTimeoutMs }),
      onCandidate: (candidate) => this.#candidate(candidate),
      onChannel: (channel) => this.emit('datachannel', { channel }),
      onIceState: (state) => this.#setIceState(state),
      onDtlsState: (state) => this.#setDtlsState(state),
      onClosed: () => this.close(),
    });
  }

  get connectionState(): ConnectionState {
    return this.#connectionState;
  }

  get iceConnectionState(): IceConnectionState {
    return this.#closed ? 'closed' : this.#iceState;
  }

  get iceGatheringState(): IceGatheringState {
    return this.#gatheringState;
  }

  get signalingState(): SignalingState {
    return this.#signalingState;
  }

  /** With the candidates that were found so far. */
  get localDescription(): Description | null {
    return this.#local === undefined
      ? null
      : { type: this.#local.type, sdp: this.#format(this.#local.setup) };
  }

  get remoteDescription(): Description | null {
    return this.#remote?.description ?? null;
  }

  /** Why the encrypted transport has failed; undefined if it has not. */
  get failure(): Error | undefined {
    return this.#transport.failure;
  }

  async createOffer(options: { iceRestart?: boolean } = {}): Promise<DescriptionInit> {
    this.#assertOpen();
    if (options.iceRestart === true) throw noRestart();
    return { type: 'offer', sdp: this.#format('actpass') };
  }

  /** @throws DOMException `InvalidStateError` without an offer of the far end */
  async createAnswer(): Promise<DescriptionInit> {
    this.#assertOpen();
    return { type: 'answer', sdp: this.#format(this.#answerSetup()) };
  }

  /**
   * Sets the description that `createOffer` or `createAnswer` made, and finds candidates. Resolves when those of this
   * machine are in `localDescription`; the rest comes with `icecandidate`.
   */
  async setLocalDescription(description?: DescriptionInit): Promise<void> {
    this.#assertOpen();
    const type = description?.type ?? (this.#signalingState === 'have-remote-offer' ? 'answer' : 'offer');
    if (type === 'offer') this.#begin('offer', 'actpass', 'have-local-offer');
    else if (type === 'answer') this.#begin('answer', this.#answerSetup(), 'stable');
    else throw new DOMException(`A local description cannot be of type ${type}`, 'InvalidStateError');
    const { ice } = this.#transport;
    ice.setRole(type === 'offer');
    await ice.open();
    if (this.#closed) return;
    if (type === 'answer') this.#start();
    this.#gather(ice.gather());
  }

  /** @throws DOMException `InvalidStateError` if none is expected, `OperationError` if it cannot be used */
  async setRemoteDescription({ type, sdp = '' }: DescriptionInit): Promise<void> {
    this.#assertOpen();
    const expected = this.#signalingState === 'have-local-offer' ? 'answer' : 'offer';
    if (type !== expected || this.#remote !== undefined) {
      throw new DOMException(`An ${type} is not expected in this state`, 'InvalidStateError');
    }
    const parsed = parseDescription(sdp);
    if (type === 'answer' && parsed.setup === 'actpass') {
      throw new DOMException('The answer leaves the DTLS roles open', 'OperationError');
    }
    const candidates = parsed.candidates.map(parseCandidate);
    this.#remote = { description: { type, sdp }, parsed, fingerprint: fingerprintFromSdp(sdp) };
    if (parsed.maxMessageBytes !== undefined)
      this.#transport.channels.maxMessageBytes = parsed.maxMessageBytes;
    for (const candidate of candidates) {
      if (!('unusable' in candidate)) this.#transport.ice.addRemoteCandidate(candidate);
    }
    this.#setSignalingState(type === 'offer' ? 'have-remote-offer' : 'stable');
    if (type === 'answer') this.#start();
  }

  /** @throws DOMException `InvalidStateError`, `OperationError`; TypeError without a section */
  async addIceCandidate(init?: CandidateInit | null): Promise<void> {
    this.#assertOpen();
    if (this.#remote === undefined)
      throw new DOMException('There is no remote description', 'InvalidStateError');
    const { parsed } = this.#remote;
    const { candidate = '', sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = init ?? {};
    if (usernameFragment !== null && usernameFragment !== parsed.ufrag) {
      throw new DOMException('The candidate is of another generation', 'OperationError');
    }
    if (candidate === '') return;
    if (!isOurSection(parsed, sdpMid, sdpMLineIndex)) return;
    const read = parseCandidate(candidate);
    if (!('unusable' in read)) this.#transport.ice.addRemoteCandidate(read);
  }

  /** @throws DOMException `InvalidStateError` when closed, `OperationError` at the cap; TypeError for a name too long */
  createDataChannel(label: string, { ordered = true, protocol = '' } = {}): DataChannel {
    this.#assertOpen();
    return this.#transport.channels.create({ label, ordered, protocol });
  }

  /** @throws DOMException `NotSupportedError` */
  restartIce(): void {
    throw noRestart();
  }

  async getStats(): Promise<Map<string, Stats>> {
    return statsOf(this.#transport.ice);
  }

  /** Of the certificate that the far end has proven to own in DTLS; undefined before the connection is up. */
  async remoteFingerprint(): Promise<Fingerprint | undefined> {
    const der = this.#transport.remoteCertificate;
    return der === undefined ? undefined : Fingerprint.fromDer(der);
  }

  /** The path in use; undefined before there is one. */
  selectedPair(): SelectedPair | undefined {
    const { selected } = this.#transport.ice;
    return selected === undefined ? undefined : toSelectedPair(selected, this.#transport.channels.srttMs);
  }

  /** Tells the far end and frees everything. Twice is once. Unlike the W3C's, it fires the state events. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#transport.close();
    this.#setSignalingState('closed');
    this.#updateConnectionState();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #begin(type: 'offer' | 'answer', setup: Setup, next: SignalingState): void {
    const expected = type === 'offer' ? 'stable' : 'have-remote-offer';
    if (this.#signalingState !== expected || this.#local !== undefined) {
      throw new DOMException(`A local ${type} is not expected in this state`, 'InvalidStateError');
    }
    this.#local = { type, setup };
    this.#setSignalingState(next);
    this.#setGatheringState('gathering');
  }

  #gather(gathering: Promise<void>): void {
    const done = (): void => {
      if (this.#closed) return;
      this.#setGatheringState('complete');
      this.emit('icecandidate', { candidate: null });
    };
    // Gathering does not reject: what cannot be had is no candidate.
    gathering.then(done, done);
  }

  /** Both descriptions are there. */
  #start(): void {
    const local = this.#local;
    const remote = this.#remote;
    if (local === undefined || remote === undefined) return;
    const active = local.type === 'answer' ? local.setup === 'active' : remote.parsed.setup === 'passive';
    const { maxPacketBytes } = remote.parsed;
    const fingerprint = remote.fingerprint.compact;
    this.#transport.agree({ role: active ? 'client' : 'server', fingerprint, maxPacketBytes });
    this.#transport.ice.start({ ufrag: remote.parsed.ufrag, pwd: remote.parsed.pwd });
  }

  #answerSetup(): Setup {
    const remote = this.#remote;
    if (remote?.description.type !== 'offer') {
      throw new DOMException('There is no offer to answer', 'InvalidStateError');
    }
    return remote.parsed.setup === 'active' ? 'passive' : 'active';
  }

  #format(setup: Setup): string {
    const { ice } = this.#transport;
    const offer = this.#remote?.description.type === 'offer' ? this.#remote.parsed : undefined;
    return formatDescription({
      ...ice.local,
      sessionId: this.#sessionId,
      fingerprint: this.#fingerprint.sdp,
      setup,
      mid: offer ? offer.mid : OFFERED_MID,
      bundled: offer?.bundled ?? true,
      candidates: ice.localCandidates.map((candidate) => formatCandidate(candidate, ice.local.ufrag)),
      endOfCandidates: this.#gatheringState === 'complete',
      ...(offer ? { answered: offer } : {}),
    });
  }

  #candidate(candidate: IceCandidate): void {
    const { ufrag } = this.#transport.ice.local;
    const offer = this.#remote?.description.type === 'offer' ? this.#remote.parsed : undefined;
    const line = {
      candidate: formatCandidate(candidate, ufrag),
      sdpMid: offer ? (offer.mid ?? null) : OFFERED_MID,
      sdpMLineIndex: offer?.mLineIndex ?? 0,
      usernameFragment: ufrag,
    };
    this.emit('icecandidate', { candidate: line });
  }

  #assertOpen(): void {
    if (this.#closed) throw new DOMException('The peer is closed', 'InvalidStateError');
  }

  #setIceState(state: IceState): void {
    this.#iceState = state;
    if (!this.#closed) this.emit('iceconnectionstatechange', {});
    this.#updateConnectionState();
  }

  #setDtlsState(state: DtlsState): void {
    this.#dtlsState = state;
    this.#updateConnectionState();
  }

  #updateConnectionState(): void {
    const state = connectionStateOf(this.#iceState, this.#dtlsState, this.#closed);
    if (state === this.#connectionState) return;
    this.#connectionState = state;
    this.emit('connectionstatechange', {});
  }

  #setGatheringState(state: IceGatheringState): void {
    if (state === this.#gatheringState) return;
    this.#gatheringState = state;
    this.emit('icegatheringstatechange', {});
  }

  #setSignalingState(state: SignalingState): void {
    this.#signalingState = state;
    this.emit('signalingstatechange', {});
  }
}

/** Whether a candidate belongs to the data channel section; those of sections that we reject are dropped. */
function isOurSection(parsed: RemoteDescription, mid: string | null, index: number | null): boolean {
  if (mid === null && index === null) throw new TypeError('The candidate names no section');
  const at = mid === null ? index : parsed.sections.findIndex((section) => section.mid === mid);
  if (at === null || parsed.sections[at] === undefined) {
    throw new DOMException(
      'The candidate names a section that the description does not have',
      'OperationError',
    );
  }
  return at === parsed.mLineIndex;
}

function noRestart(): DOMException {
  return new DOMException('This peer does not restart ICE; make a new connection', 'NotSupportedError');
}
