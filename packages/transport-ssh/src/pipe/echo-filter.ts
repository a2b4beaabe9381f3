import { jsonLineCodec, MAX_PENDING_SIGNALS, type Signal } from '@ouro/signaling';

const textOf = (signal: Signal): string => new TextDecoder().decode(jsonLineCodec.encode(signal));

/**
 * A far tty that echoes sends our own lines back. Descriptions and candidates carry our own ufrag, so one that
 * equals a sent one is an echo; `null` does not say whose it is, and counts as one only once the tty was caught.
 */
export class EchoFilter {
  readonly #sent = new Map<string, number>();
  #echoing = false;

  /** Remembers a signal that goes out; at most as many as one conversation holds. */
  sent(signal: Signal): void {
    if (this.#sent.size >= MAX_PENDING_SIGNALS) return;
    const text = textOf(signal);
    this.#sent.set(text, (this.#sent.get(text) ?? 0) + 1);
  }

  /** Whether this incoming signal is one of our own, come back; each sent one is matched once. */
  isEcho(signal: Signal): boolean {
    const text = textOf(signal);
    const count = this.#sent.get(text) ?? 0;
    if (count === 0) return false;
    if (signal.type === 'end-of-candidates' && !this.#echoing) return false;
    this.#sent.set(text, count - 1);
    this.#echoing = true;
    return true;
  }
}
