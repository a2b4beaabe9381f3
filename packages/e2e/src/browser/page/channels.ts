import { bulkBytes, event, receiveBulk, sendBulk } from '../bulk.ts';

/** What came on a channel, as a test can compare it. */
export type Received = string | number[];

/** The browser's own peer and its channels, told what to do from outside. Channels go by their labels. */
class BrowserPeer {
  readonly #peer = new RTCPeerConnection();
  readonly #channels = new Map<string, RTCDataChannel>();
  readonly #received = new Map<string, Received[]>();
  readonly #bulk = new Map<string, Promise<string>>();

  constructor() {
    this.#peer.addEventListener('datachannel', ({ channel }) => this.#keep(channel));
  }

  get state(): RTCPeerConnectionState {
    return this.#peer.connectionState;
  }

  create(label: string, init: RTCDataChannelInit = {}): void {
    this.#keep(this.#peer.createDataChannel(label, init));
  }

  /** A whole offer. */
  async offer(): Promise<string> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    return this.#gathered();
  }

  /** The next offer has new ICE credentials. */
  restartIce(): void {
    this.#peer.restartIce();
  }

  /** A whole answer. */
  async answer(offer: string): Promise<string> {
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: offer });
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    return this.#gathered();
  }

  accept(answer: string): Promise<void> {
    return this.#peer.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** The state of a channel; undefined before it is there. */
  channelState(label: string): RTCDataChannelState | undefined {
    return this.#channels.get(label)?.readyState;
  }

  /** What DCEP said of a channel. */
  describe(label: string): object {
    const { ordered, protocol, maxRetransmits, maxPacketLifeTime } = this.#channel(label);
    return { ordered, protocol, maxRetransmits, maxPacketLifeTime };
  }

  send(label: string, data: string | number[]): void {
    const channel = this.#channel(label);
    if (typeof data === 'string') channel.send(data);
    else channel.send(new Uint8Array(data));
  }

  /** What came so far on a channel. */
  received(label: string): Received[] {
    return this.#received.get(label) ?? [];
  }

  closeChannel(label: string): void {
    this.#channel(label).close();
  }

  async sendBulk(label: string, length: number, seed: number, messageBytes: number): Promise<void> {
    const channel = this.#channel(label);
    if (channel.readyState !== 'open') await event(channel, 'open');
    await sendBulk(channel, bulkBytes(length, seed), messageBytes);
  }

  /** Takes bytes from now on. */
  expectBulk(label: string, length: number): void {
    this.#bulk.set(label, receiveBulk(this.#channel(label), length));
  }

  /** The hash of all that was expected, when it has come. */
  bulkHash(label: string): Promise<string> | undefined {
    return this.#bulk.get(label);
  }

  /** SHA-256 of the certificate that the other end used in DTLS, as DER. */
  remoteCertificate(): number[] {
    const [der] = this.#peer.sctp?.transport.getRemoteCertificates() ?? [];
    return der === undefined ? [] : [...new Uint8Array(der)];
  }

  /** The ufrag of the path in use, as it is known of either end's candidate. */
  async ufragInUse(): Promise<string | undefined> {
    const report = await this.#peer.getStats();
    const entries = [...report.values()];
    const transport = entries.find((entry) => entry.type === 'transport');
    const pair = entries.find((entry) => entry.id === transport?.selectedCandidatePairId);
    return entries.find((entry) => entry.id === pair?.localCandidateId)?.usernameFragment;
  }

  close(): void {
    this.#peer.close();
  }

  #keep(channel: RTCDataChannel): void {
    channel.binaryType = 'arraybuffer';
    const received: Received[] = [];
    channel.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      // What is large is looked at in bulk.
      if (typeof data === 'string') received.push(data);
      else if (data.byteLength < 100) received.push([...new Uint8Array(data)]);
    });
    this.#channels.set(channel.label, channel);
    this.#received.set(channel.label, received);
  }

  #channel(label: string): RTCDataChannel {
    const channel = this.#channels.get(label);
    if (channel === undefined) throw new Error(`There is no channel ${label}`);
    return channel;
  }

  async #gathered(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      // A new generation has no candidates at first, and the state is still that of the old one.
      const found = this.#peer.localDescription?.sdp.includes('a=candidate:');
      if (this.#peer.iceGatheringState === 'complete' && found) resolve();
    };
    this.#peer.addEventListener('icegatheringstatechange', look);
    this.#peer.addEventListener('icecandidate', look);
    look();
    await promise;
    return this.#peer.localDescription?.sdp ?? '';
  }
}

declare global {
  interface Window {
    /** A new peer; the test keeps it by a handle. */
    browserPeer(): BrowserPeer;
  }
}

window.browserPeer = () => new BrowserPeer();

export type { BrowserPeer };
