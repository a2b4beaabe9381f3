import type { Abortable } from '@ouro/signaling';
import type { ChannelMessageEvent, DataChannelLike } from '@ouro/webrtc-types';
import {
  type ArgsOf,
  type CommandName,
  type CommandTable,
  type ControlRequest,
  checkRequest,
  type RawRequest,
} from './commands.ts';
import { MAX_ACTIVE_REQUESTS, MAX_NACK_LENGTH, MAX_NOTIFIED, REQUEST_TIMEOUT_MS } from './constants.ts';
import { decodeMessage, encodeEnvelope, type Message } from './envelope.ts';
import { ControlError } from './errors.ts';
import { Outbox } from './outbox.ts';
import { PendingRequests } from './pending.ts';

/** Does one request: what it returns is the body of the ack; what it throws becomes a nack with the error's text. */
export type RequestHandler<C extends CommandTable> = (request: ControlRequest<C>) => Promise<string> | string;

/** Settings of a ControlChannel; all have defaults. */
export interface ControlChannelOptions {
  /** Milliseconds since the epoch, for `time`. */
  now?: () => number;
  /** Send text frames instead of binary ones. */
  text?: boolean;
  /** Told of each bad message and of replies to nothing. */
  onProblem?: (problem: ControlError) => void;
}

/** What was ignored so far. */
export interface ControlCounters {
  /** Acks and nacks whose `ref` names no request that waits. */
  unknownRefs: number;
  /** Messages that were not JSON, not an envelope, or too long. */
  badMessages: number;
}

/** A request under way: its id at once, its reply later. */
export interface StartedRequest {
  readonly id: number;
  /** The body of the ack. @throws ControlError */
  readonly reply: Promise<string>;
}

/** Settings of one request. */
export interface RequestOptions extends Abortable {
  /** Milliseconds to wait for the reply; `Infinity` = as long as the channel lives. Default `REQUEST_TIMEOUT_MS`. */
  timeoutMs?: number;
}

/** Requests and replies of the commands of one table, over one data channel. */
export class ControlChannel<C extends CommandTable> implements AsyncDisposable {
  readonly counters: ControlCounters = { unknownRefs: 0, badMessages: 0 };
  /** Resolves when the channel has closed. */
  readonly closed: Promise<void>;
  readonly #channel: DataChannelLike;
  readonly #commands: C;
  readonly #options: ControlChannelOptions;
  readonly #outbox: Outbox;
  readonly #pending = new PendingRequests();
  readonly #notified = new Set<number>();
  readonly #markClosed: () => void;
  #handler: RequestHandler<C> | undefined;
  #active = 0;
  // The first id is 0, as the older clients have it.
  #nextId = 0;

  /** @param commands what this end asks and is asked; requests for others are nacked */
  constructor(channel: DataChannelLike, commands: C, options: ControlChannelOptions = {}) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#markClosed = resolve;
    this.#channel = channel;
    this.#commands = commands;
    this.#options = options;
    channel.binaryType = 'arraybuffer';
    this.#outbox = new Outbox(channel, options.text ?? false);
    channel.addEventListener('message', this.#onMessage);
    channel.addEventListener('close', this.#onClose);
    if (channel.readyState === 'closed') this.#onClose();
  }

  /** Sends a request; waits for its ack. @returns the ack's body @throws ControlError */
  async request<T extends CommandName<C>>(
    type: T,
    args: ArgsOf<C, T>,
    options: RequestOptions,
  ): Promise<string> {
    return await this.begin(type, args, options).reply;
  }

  /**
   * Sends a request and gives its `message_id` at once, for channels that are named after it.
   * @throws ControlError `oversize`, `busy`, `closed`, `aborted`, `bad-message`
   */
  begin<T extends CommandName<C>>(type: T, args: ArgsOf<C, T>, options: RequestOptions): StartedRequest {
    const { signal, timeoutMs = REQUEST_TIMEOUT_MS } = options;
    if (signal.aborted) throw ControlError.from(signal.reason);
    this.#pending.assertRoom();
    const id = this.#send(type, args);
    return { id, reply: this.#pending.add(id, { signal, timeoutMs }) };
  }

  /** Sends a message whose reply does not matter. @throws ControlError `oversize`, `busy`, `closed`, `bad-message` */
  notify<T extends CommandName<C>>(type: T, args: ArgsOf<C, T>): void {
    this.#notified.add(this.#send(type, args));
    const [oldest] = this.#notified;
    if (oldest !== undefined && this.#notified.size > MAX_NOTIFIED) this.#notified.delete(oldest);
  }

  /** Who does the far end's requests; without one all are nacked. */
  onRequest(handler: RequestHandler<C>): void {
    this.#handler = handler;
  }

  /** Closes the channel; all that waits rejects with `closed`. Twice is once. */
  close(): void {
    this.#channel.close();
    this.#onClose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }

  #send(type: string, args: unknown): number {
    const time = (this.#options.now ?? Date.now)();
    const id = this.#nextId;
    this.#outbox.send(encodeEnvelope({ time, message_id: id, type, args }));
    this.#nextId += 1;
    return id;
  }

  readonly #onMessage = (event: ChannelMessageEvent): void => {
    const message = decodeMessage(event.data);
    if (message.kind === 'request') {
      this.#serve(message);
    } else if (message.kind === 'bad') {
      this.counters.badMessages += 1;
      this.#options.onProblem?.(message.problem);
      if (message.id !== undefined) this.#nack(message.id, message.problem);
    } else {
      this.#settle(message);
    }
  };

  #settle(message: Extract<Message, { kind: 'ack' | 'nack' }>): void {
    const { ref } = message;
    const known =
      message.kind === 'ack'
        ? this.#pending.resolve(ref, message.body)
        : this.#pending.reject(ref, new ControlError('nack', message.desc));
    if (known || this.#notified.delete(ref)) return;
    this.counters.unknownRefs += 1;
    this.#options.onProblem?.(new ControlError('bad-message', 'A reply to no request that waits'));
  }

  #serve(request: RawRequest): void {
    try {
      if (!this.#handler) throw new ControlError('nack', 'Nothing is served here');
      if (this.#active >= MAX_ACTIVE_REQUESTS) {
        throw new ControlError('busy', 'Too many requests at once: try again later');
      }
      // One that is done at once is answered at once, so that the answers keep the order of the questions.
      const result = this.#handler(checkRequest(this.#commands, request));
      if (typeof result === 'string') this.#ack(request.id, result);
      else this.#answerLater(request.id, result);
    } catch (error) {
      this.#nack(request.id, error);
    }
  }

  #answerLater(id: number, result: Promise<string>): void {
    this.#active += 1;
    const done = () => {
      this.#active -= 1;
    };
    result
      .then(
        (body) => this.#ack(id, body),
        (error: unknown) => this.#nack(id, error),
      )
      .then(done, done);
  }

  #ack(ref: number, body: string): void {
    const problem = this.#answer('ack', { ref, body });
    if (problem?.code === 'oversize') this.#nack(ref, problem);
  }

  #nack(ref: number, error: unknown): void {
    const desc = error instanceof Error && error.message ? error.message : 'It failed';
    this.#answer('nack', { ref, desc: desc.slice(0, MAX_NACK_LENGTH) });
  }

  #answer(type: 'ack' | 'nack', args: object): ControlError | undefined {
    try {
      this.#send(type, args);
      return undefined;
    } catch (error) {
      const problem = ControlError.from(error);
      this.#options.onProblem?.(problem);
      // Answers that the far end never reads would fill the memory.
      if (problem.code === 'busy') this.close();
      return problem;
    }
  }

  readonly #onClose = (): void => {
    this.#channel.removeEventListener('message', this.#onMessage);
    this.#channel.removeEventListener('close', this.#onClose);
    this.#outbox.stop();
    this.#notified.clear();
    this.#pending.rejectAll(new ControlError('closed', 'The control channel was closed'));
    this.#markClosed();
  };
}
