import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from './channel.ts';
import { ControlError } from './errors.ts';

/** One request of the far end. */
export interface ControlRequest {
  /** Its `message_id`. */
  readonly id: number;
  /** The command's name, unchecked. */
  readonly type: string;
  /** Its arguments, unchecked: see `decodeArgs`. */
  readonly args: unknown;
}

/** Does one request: what it returns is the body of the ack; what it throws becomes a nack with the error's text. */
export type RequestHandler = (request: ControlRequest) => Promise<string> | string;

/** Settings of a ControlChannel; all have defaults. */
export interface ControlChannelOptions {
  /** Milliseconds since the epoch, for `time`. */
  now?: () => number;
  /** Send text frames instead of binary ones. */
  text?: boolean;
  /** Told of each bad message that could not be nacked, and of replies to nothing. */
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

/** Requests and replies over one data channel: the envelope of the `%` channel. */
export class ControlChannel implements AsyncDisposable {
  readonly counters: ControlCounters = { unknownRefs: 0, badMessages: 0 };
  /** Resolves when the channel has closed. */
  readonly closed: Promise<void>;

  constructor(_channel: DataChannelLike, _options: ControlChannelOptions = {}) {
    this.closed = Promise.resolve();
  }

  /** Sends a request; waits for its ack. @returns the ack's body @throws ControlError */
  request(type: string, args: unknown, options: RequestOptions): Promise<string> {
    return this.begin(type, args, options).reply;
  }

  /** Sends a request and gives its `message_id` at once, for channels that are named after it. @throws ControlError `oversize`, `busy`, `closed` */
  begin(_type: string, _args: unknown, _options: RequestOptions): StartedRequest {
    throw new ControlError('closed', 'Not built yet');
  }

  /** Sends a message whose reply does not matter. @throws ControlError `oversize`, `busy`, `closed` */
  notify(_type: string, _args: unknown): void {}

  /** Who does the far end's requests; without one all are nacked. */
  onRequest(_handler: RequestHandler): void {}

  /** Closes the channel; all that waits rejects with `closed`. */
  close(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }
}
