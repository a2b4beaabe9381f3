import {
  type RemoteIdentity,
  type Signal,
  type Signaler,
  SignalingError,
  type Trickle,
} from '@ouro/signaling';

/** Two linked ends; what one sends the other reads. Small on purpose: the real one is `@ouro/signaling/memory`. */
export function linkedSignalers(
  trickle: Trickle = 'both',
  remote: RemoteIdentity = { kind: 'none' },
): [End, End] {
  const a = new End(trickle, remote);
  const b = new End(trickle, remote);
  a.other = b;
  b.other = a;
  return [a, b];
}

export class End implements Signaler {
  readonly trickle: Trickle;
  readonly remote: RemoteIdentity;
  other: End | undefined;
  closedWith: SignalingError | 'closed' | undefined;
  /** Every signal this end sent. */
  readonly sent: Signal[] = [];
  readonly #queue: Signal[] = [];
  #end: SignalingError | 'closed' | undefined;
  #wake: (() => void) | undefined;

  constructor(trickle: Trickle, remote: RemoteIdentity) {
    this.trickle = trickle;
    this.remote = remote;
  }

  async send(signal: Signal): Promise<void> {
    if (this.closedWith) throw new SignalingError('closed', 'closed');
    this.sent.push(signal);
    this.other?.deliver(signal);
  }

  deliver(signal: Signal): void {
    this.#queue.push(signal);
    this.#wake?.();
  }

  async close(reason?: SignalingError): Promise<void> {
    if (this.closedWith) return;
    this.closedWith = reason ?? 'closed';
    this.other?.finish(reason);
    this.finish();
  }

  finish(reason?: SignalingError): void {
    this.#end ??= reason ?? 'closed';
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Signal> {
    for (;;) {
      const next = this.#queue.shift();
      if (next) yield next;
      else if (this.#end === 'closed') return;
      else if (this.#end) throw this.#end;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
