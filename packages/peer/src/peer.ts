import type { ChannelData, DataChannelLike } from '@ouro/control';
import { Fingerprint } from '@ouro/fingerprint/fingerprint';
import * as werift from 'werift';
import type { PeerOptions } from './create-peer.ts';
import type {
  CandidateEvent,
  CandidateInit,
  DescriptionInit,
  PeerConnectionLike,
  PeerEventType,
} from './face/index.ts';
import { TypedEventTarget } from './typed-events.ts';

class Channel
  extends TypedEventTarget<
    Record<'open' | 'closing' | 'close' | 'error' | 'bufferedamountlow', object> & {
      message: { data: unknown };
    }
  >
  implements DataChannelLike
{
  binaryType: 'arraybuffer' | 'blob' = 'arraybuffer';
  readonly #dc: werift.RTCDataChannel;
  constructor(dc: werift.RTCDataChannel) {
    super();
    this.#dc = dc;
    dc.onMessage.subscribe((data) => {
      this.emit('message', { data: typeof data === 'string' ? data : new Uint8Array(data) });
    });
    dc.stateChanged.subscribe((state) => {
      if (state === 'open') this.emit('open', {});
      if (state === 'closing') this.emit('closing', {});
      if (state === 'closed') this.emit('close', {});
    });
    dc.bufferedAmountLow.subscribe(() => this.emit('bufferedamountlow', {}));
  }
  get label() {
    return this.#dc.label;
  }
  get readyState() {
    return this.#dc.readyState as DataChannelLike['readyState'];
  }
  get bufferedAmount() {
    return this.#dc.bufferedAmount;
  }
  get bufferedAmountLowThreshold() {
    return this.#dc.bufferedAmountLowThreshold;
  }
  set bufferedAmountLowThreshold(v: number) {
    this.#dc.bufferedAmountLowThreshold = v;
  }
  send(data: ChannelData) {
    this.#dc.send(typeof data === 'string' ? data : Buffer.from(data as Uint8Array));
  }
  close() {
    this.#dc.close();
  }
}

export class Peer
  extends TypedEventTarget<
    Record<PeerEventType, object> & {
      icecandidate: CandidateEvent;
      datachannel: { channel: DataChannelLike };
    }
  >
  implements PeerConnectionLike, AsyncDisposable
{
  readonly #pc: werift.RTCPeerConnection;
  constructor(options: PeerOptions) {
    super();
    this.#pc = new werift.RTCPeerConnection({
      iceServers: options.iceServers as never,
      dtls: {
        keys: {
          keyPem: options.identity.privateKeyPem,
          certPem: options.identity.certificatePem,
          signatureHash: {
            hash: werift.HashAlgorithm.sha256_4,
            signature: werift.SignatureAlgorithm.ecdsa_3,
          },
        },
      },
      ...(options.portRange ? { icePortRange: options.portRange } : {}),
      ...(options.loopbackOnly
        ? { iceAdditionalHostAddresses: ['127.0.0.1'], iceInterfaceAddresses: { udp4: '127.0.0.1' } }
        : {}),
    } as never);
    const pc = this.#pc;
    for (const type of [
      'connectionstatechange',
      'iceconnectionstatechange',
      'icegatheringstatechange',
      'signalingstatechange',
    ] as const) {
      pc.addEventListener(type, () => this.emit(type, {}));
    }
    pc.onIceCandidate.subscribe((c) => {
      const candidate = c
        ? {
            candidate: c.candidate ?? '',
            sdpMid: c.sdpMid ?? null,
            sdpMLineIndex: c.sdpMLineIndex ?? null,
            usernameFragment: c.usernameFragment ?? null,
          }
        : null;
      this.emit('icecandidate', { candidate });
    });
    pc.onDataChannel.subscribe((dc) => this.emit('datachannel', { channel: new Channel(dc) }));
  }
  get connectionState() {
    return this.#pc.connectionState;
  }
  get iceConnectionState() {
    return this.#pc.iceConnectionState;
  }
  get iceGatheringState() {
    return this.#pc.iceGatheringState;
  }
  get signalingState() {
    return this.#pc.signalingState;
  }
  get localDescription() {
    return this.#pc.localDescription as never;
  }
  get remoteDescription() {
    return this.#pc.remoteDescription as never;
  }
  async createOffer(o: { iceRestart?: boolean } = {}): Promise<DescriptionInit> {
    return (await this.#pc.createOffer(o)) as DescriptionInit;
  }
  async createAnswer(): Promise<DescriptionInit> {
    return (await this.#pc.createAnswer()) as DescriptionInit;
  }
  async setLocalDescription(d?: DescriptionInit) {
    await this.#pc.setLocalDescription(d as never);
  }
  async setRemoteDescription(d: DescriptionInit) {
    await this.#pc.setRemoteDescription(d as never);
  }
  async addIceCandidate(c?: CandidateInit | null) {
    await this.#pc.addIceCandidate(c as never);
  }
  restartIce() {
    this.#pc.restartIce();
  }
  async getStats() {
    return this.#pc.getStats();
  }
  createDataChannel(label: string, init: { ordered?: boolean; protocol?: string } = {}): DataChannelLike {
    return new Channel(this.#pc.createDataChannel(label, init));
  }
  close() {
    void this.#pc.close();
  }
  async remoteFingerprint(): Promise<Fingerprint | undefined> {
    const der = this.#pc.dtlsTransports[0]?.dtls?.remoteCertificate;
    return der ? Fingerprint.fromDer(new Uint8Array(der)) : undefined;
  }
  selectedPair(): SelectedPair | undefined {
    const pair = this.#pc.iceTransports[0]?.connection.nominated;
    if (!pair) return undefined;
    const side = (c: werift.Candidate) => ({
      address: c.host,
      port: c.port,
      type: c.type as 'host',
      protocol: c.transport.toLowerCase() as 'udp',
    });
    return {
      local: side(pair.localCandidate),
      remote: side(pair.remoteCandidate),
      rttMs: pair.rtt === undefined ? undefined : pair.rtt * 1000,
    };
  }
  async [Symbol.asyncDispose]() {
    await this.#pc.close();
  }
}

export interface PairEnd {
  readonly type: 'host' | 'srflx' | 'prflx' | 'relay';
  readonly protocol: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
}
export interface SelectedPair {
  readonly local: PairEnd;
  readonly remote: PairEnd;
  readonly rttMs: number | undefined;
}
