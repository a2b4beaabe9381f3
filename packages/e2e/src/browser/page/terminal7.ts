import { ownCertificate } from './certificate.ts';

// A client of the compatible forms, written by hand from their description alone: nothing here is shared with our own
// packages, and it is as loose as such clients are.

/** A message of the control channel, of either end. */
export interface Message {
  readonly time: number;
  readonly message_id: number;
  readonly type: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A reply: the body of an ack, or the description of a nack. */
export type Reply = { readonly ack: string } | { readonly nack: string };

/** A candidate or a session description on its way, and what the agent said. */
export interface Sent {
  readonly method: string;
  readonly status: number;
}

class CompatibleClient {
  /** Each request that was made and its status. */
  readonly sent: Sent[] = [];
  /** What the agent sent that was no reply. */
  readonly told: Message[] = [];
  /** What this client gives when it is asked, and what it was given. */
  clipboard = '';
  readonly #url: string;
  readonly #peer: RTCPeerConnection;
  readonly #control: RTCDataChannel;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  /** Each data channel's text so far, by label. */
  readonly #channels = new Map<string, { channel: RTCDataChannel; text: string }>();
  #lastId = -1;

  constructor(url: string, certificate: RTCCertificate) {
    this.#url = url;
    this.#peer = new RTCPeerConnection({ certificates: [certificate] });
    this.#peer.addEventListener('datachannel', ({ channel }) => this.#keep(channel));
    this.#control = this.#peer.createDataChannel('%');
    this.#control.addEventListener('message', ({ data }) => this.#message(data));
  }

  /** Offer by POST; every candidate by a PATCH of its own, JSON under the name of SDP, as it is found. */
  async connect(): Promise<void> {
    const found: RTCIceCandidate[] = [];
    let patch = (candidate: RTCIceCandidate): void => void found.push(candidate);
    this.#peer.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate !== null) patch(candidate);
    });
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const reply = await this.#request('POST', `${this.#url}/offer`, 'application/sdp', this.#sdp());
    // As it is, as such clients do: a relative one would go to the origin of this page.
    const session = reply.headers.get('location') ?? '';
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: await reply.text() });
    patch = (candidate) =>
      void this.#request('PATCH', session, 'application/sdp', JSON.stringify(candidate.toJSON()));
    for (const candidate of found) patch(candidate);
    await this.#opened(this.#control);
  }

  /** The oldest form: the whole offer in, the whole answer out, each as base64 of JSON. */
  async connectOldest(): Promise<void> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    while (this.#peer.iceGatheringState !== 'complete') {
      await new Promise((resolve) =>
        this.#peer.addEventListener('icegatheringstatechange', resolve, { once: true }),
      );
    }
    const offer = btoa(JSON.stringify({ type: 'offer', sdp: this.#sdp() }));
    const body = JSON.stringify({ api_version: 1, fingerprint: await fingerprint(), offer });
    const reply = await this.#request('POST', `${this.#url}/connect`, 'application/json', body);
    await this.#peer.setRemoteDescription(JSON.parse(atob(await reply.text())));
    await this.#opened(this.#control);
  }

  /** Sends a command in a text frame and waits for its reply. */
  command(type: string, args: object = {}): Promise<Reply> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#control.send(JSON.stringify({ time: Date.now(), message_id: id, type, args }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** The number of the last command, which the label of its channel begins with. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Opens a channel whose label is the command: the oldest form. */
  openLabelled(label: string): void {
    this.#keep(this.#peer.createDataChannel(label));
  }

  /** Types, in text frames, into the channel with this label. */
  type(label: string, text: string): void {
    this.#channels.get(label)?.channel.send(text);
  }

  /** All that came on a channel, and whether it is closed; undefined before it is there. */
  channel(label: string): { text: string; state: RTCDataChannelState } | undefined {
    const kept = this.#channels.get(label);
    return kept && { text: kept.text, state: kept.channel.readyState };
  }

  close(): void {
    this.#peer.close();
  }

  async #request(method: string, url: string, type: string, body: string): Promise<Response> {
    const reply = await fetch(url, { method, body, headers: { 'content-type': type } });
    this.sent.push({ method, status: reply.status });
    return reply;
  }

  #message(data: unknown): void {
    const text = data instanceof ArrayBuffer ? new TextDecoder().decode(data) : String(data);
    const message: Message = JSON.parse(text);
    const { type, args } = message;
    if (type === 'ack' || type === 'nack') {
      const reply = type === 'ack' ? { ack: String(args.body) } : { nack: String(args.desc) };
      this.#waiting.get(Number(args.ref))?.(reply);
      this.#waiting.delete(Number(args.ref));
      return;
    }
    this.told.push(message);
    if (type === 'set_clipboard') this.clipboard = String(args.data);
    if (type === 'set_clipboard' || type === 'get_clipboard') this.#ack(message, this.clipboard);
  }

  #ack({ message_id: ref }: Message, body: string): void {
    this.#lastId += 1;
    const args = { ref, body };
    this.#control.send(JSON.stringify({ time: Date.now(), message_id: this.#lastId, type: 'ack', args }));
  }

  #keep(channel: RTCDataChannel): void {
    channel.binaryType = 'arraybuffer';
    const kept = { channel, text: '' };
    const decoder = new TextDecoder();
    channel.addEventListener('message', ({ data }) => {
      kept.text += data instanceof ArrayBuffer ? decoder.decode(data, { stream: true }) : String(data);
    });
    this.#channels.set(channel.label, kept);
  }

  #sdp(): string {
    return this.#peer.localDescription?.sdp ?? '';
  }

  #opened(channel: RTCDataChannel): Promise<void> {
    channel.binaryType = 'arraybuffer';
    if (channel.readyState === 'open') return Promise.resolve();
    return new Promise((resolve) => channel.addEventListener('open', () => resolve(), { once: true }));
  }
}

/** The compact form of this page's fingerprint. */
async function fingerprint(): Promise<string> {
  const [first] = (await ownCertificate()).getFingerprints();
  return (first?.value ?? '').replaceAll(':', '').toUpperCase();
}

declare global {
  interface Window {
    terminal7: {
      fingerprint(): Promise<string>;
      /** A new client of the agent at this URL; the test keeps it by a handle. */
      client(url: string): Promise<CompatibleClient>;
    };
  }
}

window.terminal7 = {
  fingerprint,
  client: async (url) => new CompatibleClient(url, await ownCertificate()),
};

export type { CompatibleClient };
