import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Runtime, TypedEventTarget } from '@ouro/base';
import { runtimeOf } from '@ouro/base/node';
import { Fingerprint } from '@ouro/fingerprint/fingerprint';
import {
  type IceAgent,
  type IceCandidate,
  type IceServer,
  type IceServerError,
  type IceServers,
  type IceState,
  parseIceServers,
} from '@ouro/ice';
import type { DataChannel } from '@ouro/sctp';
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
} from '@ouro/webrtc-types';
import { Descriptions } from './descriptions.ts';
import { measureRtt, type PathQuality, qualityOf, RTT_TIMEOUT_MS } from './path-quality.ts';
import type { PeerOptions } from './peer-options.ts';
import { type SelectedPair, toSelectedPair } from './selected-pair.ts';
import { socketSources } from './socket-sources.ts';
import { connectionStateOf, type DtlsState } from './states.ts';
import { type Stats, statsOf } from './stats.ts';
import { Transport } from './transport.ts';

/** What each event of a peer carries. */
export interface PeerEvents extends Record<PeerEventType, object> {
  icecandidate: CandidateEvent;
  datachannel: { readonly channel: DataChannel };
  /** Another path is in use: see `selectedPair`. As that of W3C `RTCIceTransport`. */
  selectedcandidatepairchange: object;
  icecandidateerror: IceServerError;
}

/**
 * One WebRTC peer for data channels, with the face of W3C `RTCPeerConnection`. One connection in its life, whose ICE
 * may be restarted. It shows one persistent certificate and accepts only the one that the remote description announces.
 */
export class Peer extends TypedEventTarget<PeerEvents> implements PeerConnectionLike, AsyncDisposable {
  readonly #runtime: Runtime;
  readonly #transport: Transport;
  readonly #descriptions: Descriptions;
  #servers: IceServers;
  /** The generation whose candidates are told. */
  #gathering: IceAgent | undefined;
  #gatheringState: IceGatheringState = 'new';
  #iceState: IceState = 'new';
  #dtlsState: DtlsState = 'new';
  #connectionState: ConnectionState = 'new';
  #closed = false;

  /** See `createPeer`. */
  constructor(options: PeerOptions) {
    super();
    const { identity, consentTimeoutMs } = options;
    this.#runtime = runtimeOf(options);
    this.#servers = parseIceServers(options.iceServers);
    this.#transport = new Transport({
      ...this.#runtime,
      identity: {
        certificate: new X509Certificate(identity.certificatePem).raw,
        privateKey: createPrivateKey(identity.privateKeyPem),
      },
      sources: () => socketSources(options, this.#runtime),
      servers: () => this.#servers,
      onServerError: (error) => this.emit('icecandidateerror', error),
      ...(consentTimeoutMs === undefined ? {} : { consentTimeoutMs }),
      onCandidate: (candidate, generation) => this.#candidate(candidate, generation),
      onChannel: (channel) => this.emit('datachannel', { channel }),
      onPath: () => this.emit('selectedcandidatepairchange', {}),
      onIceState: (state) => this.#setIceState(state),
      onDtlsState: (state) => this.#setDtlsState(state),
      onClosed: () => this.close(),
    });
    this.#descriptions = new Descriptions({
      random: this.#runtime.random,
      ice: this.#transport.ice,
      fingerprint: identity.fingerprint,
      role: () => this.#transport.role,
    });
  }

  /**
   * Other servers from the next gathering on: the first one, or that of an ICE restart.
   * @throws DOMException as `createPeer`
   */
  setConfiguration({ iceServers }: { readonly iceServers: readonly IceServer[] }): void {
    this.#assertOpen();
    this.#servers = parseIceServers(iceServers);
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
    return this.#descriptions.signalingState;
  }

  /** With the candidates that were found so far. */
  get localDescription(): Description | null {
    return this.#descriptions.localDescription;
  }

  get remoteDescription(): Description | null {
    return this.#descriptions.remote?.description ?? null;
  }

  /** Why the encrypted transport has failed; undefined if it has not. */
  get failure(): Error | undefined {
    return this.#transport.failure;
  }

  /** With `iceRestart`, or after `restartIce`, it has new ICE credentials (RFC 8445 section 9). */
  async createOffer(options: { iceRestart?: boolean } = {}): Promise<DescriptionInit> {
    this.#assertOpen();
    return this.#descriptions.createOffer(options);
  }

  /** @throws DOMException `InvalidStateError` without an offer of the far end */
  async createAnswer(): Promise<DescriptionInit> {
    this.#assertOpen();
    return this.#descriptions.createAnswer();
  }

  /**
   * Sets the description that `createOffer` or `createAnswer` made, and finds candidates. Resolves when those of this
   * machine are in `localDescription`; the rest comes with `icecandidate`. `rollback` takes an offer of ours back.
   */
  async setLocalDescription(description?: DescriptionInit): Promise<void> {
    this.#assertOpen();
    const type = description?.type ?? (this.signalingState === 'have-remote-offer' ? 'answer' : 'offer');
    if (type === 'rollback') return this.#describe(() => this.#descriptions.rollback('have-local-offer'));
    if (type === 'pranswer') {
      throw new DOMException(`A local description cannot be of type ${type}`, 'InvalidStateError');
    }
    const isFirst = this.#descriptions.localType === undefined;
    const generation = this.#describe(() => this.#descriptions.setLocal(type, description?.sdp));
    if (isFirst) generation.setRole(type === 'offer');
    const isNew = generation !== this.#gathering;
    this.#gathering = generation;
    if (isNew) {
      this.#setGatheringState('gathering');
      await generation.open();
    }
    if (this.#closed || generation !== this.#gathering) return;
    if (type === 'answer') this.#start();
    if (isNew) this.#gather(generation);
  }

  /** @throws DOMException `InvalidStateError` if none is expected, `OperationError` if it cannot be used */
  async setRemoteDescription({ type, sdp = '' }: DescriptionInit): Promise<void> {
    this.#assertOpen();
    if (type === 'rollback') return this.#describe(() => this.#descriptions.rollback('have-remote-offer'));
    if (type === 'pranswer') throw new DOMException('A final answer is expected', 'InvalidStateError');
    this.#describe(() => this.#descriptions.setRemote(type, sdp));
    const { maxMessageBytes } = this.#descriptions.remote?.parsed ?? {};
    if (maxMessageBytes !== undefined) this.#transport.channels.maxMessageBytes = maxMessageBytes;
    if (type === 'answer') this.#start();
  }

  /** @throws DOMException `InvalidStateError`, `OperationError`; TypeError without a section */
  async addIceCandidate(init?: CandidateInit | null): Promise<void> {
    this.#assertOpen();
    this.#descriptions.addCandidate(init ?? {});
  }

  /** @throws DOMException `InvalidStateError` when closed, `OperationError` at the cap; TypeError for a name too long */
  createDataChannel(label: string, { ordered = true, protocol = '' } = {}): DataChannel {
    this.#assertOpen();
    return this.#transport.channels.create({ label, ordered, protocol });
  }

  /** The next offer restarts ICE. Nothing is told by an event: whoever calls it makes that offer. */
  restartIce(): void {
    this.#descriptions.restartIce();
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

  /** What is known of the path in use. */
  quality(): PathQuality {
    return qualityOf(this.#transport);
  }

  /** One round trip over the path in use, in milliseconds; undefined if none ended within `timeoutMs`. */
  async measureRtt({ timeoutMs = RTT_TIMEOUT_MS } = {}): Promise<number | undefined> {
    return measureRtt(this.#transport.ice, { clock: this.#runtime.clock, timeoutMs });
  }

  /** Tells the far end and frees everything. Twice is once. Unlike the W3C's, it fires the state events. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#transport.close();
    this.#describe(() => this.#descriptions.close());
    this.#updateConnectionState();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Changes descriptions, and tells if that has changed the state. */
  #describe<Result>(change: () => Result): Result {
    const before = this.signalingState;
    const result = change();
    if (this.signalingState !== before) this.emit('signalingstatechange', {});
    return result;
  }

  #gather(generation: IceAgent): void {
    const done = (): void => {
      this.#descriptions.gathered(generation);
      if (this.#closed || generation !== this.#gathering) return;
      this.#setGatheringState('complete');
      this.emit('icecandidate', { candidate: null });
    };
    // Gathering does not reject: what cannot be had is no candidate.
    generation.gather().then(done, done);
  }

  /** Both descriptions are there. */
  #start(): void {
    const { localType, localSetup, remote } = this.#descriptions;
    if (remote === undefined) return;
    const { ufrag, pwd, setup, maxPacketBytes } = remote.parsed;
    const active = localType === 'answer' ? localSetup === 'active' : setup === 'passive';
    const fingerprint = remote.fingerprint.compact;
    this.#transport.agree({ role: active ? 'client' : 'server', fingerprint, maxPacketBytes });
    remote.generation.start({ ufrag, pwd });
  }

  #candidate(candidate: IceCandidate, generation: IceAgent): void {
    if (generation !== this.#gathering) return;
    this.emit('icecandidate', { candidate: this.#descriptions.toInit(candidate, generation) });
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
}
