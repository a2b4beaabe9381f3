import type { Socket } from 'node:net';
import { type ByteDuplex, duplexFromStreams } from '@ouro/base/node';
import {
  type Abortable,
  ERROR_EDGES,
  JsonTextSplitter,
  jsonLineCodec,
  type Signal,
  type Signaler,
  SignalingError,
  type SignalingErrorCode,
  SignalQueue,
  signalFromJson,
  throwIfAborted,
  unlessAborted,
} from '@ouro/signaling';

/** Longest wait for the goodbye to be taken, in ms: a local socket takes it at once, or its reader hangs. */
const CLOSE_TIMEOUT_MS = 1_000;

/** One end of a conversation: a signal is a line of JSON, and so is the goodbye, `{"bye":null}` or `{"bye":"<code>"}`. */
export class LineSignaler implements Signaler {
  readonly trickle = 'both';
  /** Whoever may open the socket is there. */
  readonly remote = { kind: 'none' } as const;
  readonly #socket: Socket;
  readonly #duplex: ByteDuplex;
  readonly #queue = new SignalQueue();
  readonly #splitter = new JsonTextSplitter();
  readonly #reading: Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#duplex = duplexFromStreams(socket, socket);
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#duplex.readable)
        for (const text of this.#splitter.push(chunk)) if (this.#take(parsedJson(text))) return;
      throw new SignalingError('lost', 'The socket was closed without a goodbye');
    } catch (thrown) {
      this.#queue.fail(
        thrown instanceof SignalingError ? thrown : new SignalingError('lost', 'The socket broke'),
      );
    }
  }

  /** @returns whether it was the last */
  #take(value: unknown): boolean {
    const code = goodbyeOf(value);
    if (code === undefined) this.#queue.push(signalFromJson(value));
    else if (code === null) this.#queue.end();
    else this.#queue.fail(new SignalingError(code, 'The other end gave this conversation up'));
    return code !== undefined;
  }

  async send(signal: Signal, { signal: abort }: Abortable): Promise<void> {
    if (this.#closing !== undefined) throw new SignalingError('closed', 'This conversation was closed');
    throwIfAborted(abort);
    await this.#write(jsonLineCodec.encode(signal), abort);
  }

  #write(bytes: Uint8Array, abort: AbortSignal): Promise<void> {
    const written = this.#duplex.write(bytes).catch((cause: unknown) => {
      throw new SignalingError('lost', 'The socket broke', { cause });
    });
    return unlessAborted(written, abort);
  }

  [Symbol.asyncIterator](): AsyncIterator<Signal> {
    return this.#queue[Symbol.asyncIterator]();
  }

  close(reason?: SignalingError): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: SignalingError | undefined): Promise<void> {
    this.#queue.end();
    const goodbye = new TextEncoder().encode(`${JSON.stringify({ bye: reason?.code ?? null })}\n`);
    await this.#write(goodbye, AbortSignal.timeout(CLOSE_TIMEOUT_MS)).catch(() => undefined);
    this.#socket.destroy();
    await this.#reading;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SignalingError('bad-message', 'The other end sent a message that is not JSON');
  }
}

/** The code of a goodbye, null for one without; undefined = it is none. */
function goodbyeOf(value: unknown): SignalingErrorCode | null | undefined {
  if (typeof value !== 'object' || value === null || !('bye' in value)) return undefined;
  const { bye } = value;
  return typeof bye === 'string' && isCode(bye) ? bye : null;
}

function isCode(text: string): text is SignalingErrorCode {
  return Object.hasOwn(ERROR_EDGES, text);
}
