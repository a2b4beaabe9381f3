import { ControlError } from '@ouro/control';
import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from '@ouro/webrtc-types';
import type { CommandArgs, PeerInfo, SessionControl } from '../commands.ts';
import { BYE_TIMEOUT_MS, CLIPBOARD_TIMEOUT_MS } from '../constants.ts';
import type { ExitStatus, SessionError } from '../errors.ts';
import { toSessionError } from '../from-control.ts';
import { tellRefusal } from '../refusal.ts';
import type { Logger } from '../types.ts';
import type { Mark } from './marks.ts';
import type { StoreClient } from './pane-store.ts';

/** What the agent says to one client. */
export class ClientControl implements StoreClient {
  /** Who it is, once it said hello: it then knows all commands. */
  info: PeerInfo | undefined;
  /** The mark it asked to come back to. */
  restored: Mark | undefined;
  readonly #control: SessionControl;
  readonly #logger: Logger;
  readonly #replyTimeoutMs: number;

  /** @param replyTimeoutMs how long it may take to answer for its clipboard */
  constructor(control: SessionControl, logger: Logger, replyTimeoutMs = CLIPBOARD_TIMEOUT_MS) {
    this.#control = control;
    this.#logger = logger;
    this.#replyTimeoutMs = replyTimeoutMs;
  }

  tell<T extends 'resize' | 'set_payload' | 'exit' | 'accepted'>(type: T, args: CommandArgs<T>): void {
    try {
      this.#control.notify(type, args);
    } catch (error) {
      const { code } = ControlError.from(error);
      this.#logger.debug({ type, code }, 'a client could not be told');
    }
  }

  /** Tells how a process ended; resolves when the client has all its output. @throws ControlError */
  async exited(
    exit: ExitStatus & { paneId: number; bytes: { stdout: number; stderr: number } },
    { signal }: Abortable,
  ): Promise<void> {
    const { paneId, code, signal: name, bytes } = exit;
    // A slow reader may take hours; when the connection is lost the channel closes and this with it.
    const options = { signal, timeoutMs: Number.POSITIVE_INFINITY };
    await this.#control.request('exit', { pane_id: paneId, code, signal: name, bytes }, options);
  }

  /**
   * Tells how many bytes were sent on each channel; resolves when the client has them. One that does not know
   * this command is not asked. @throws ControlError
   */
  async marked(channels: Readonly<Record<string, number>>, { signal }: Abortable): Promise<void> {
    if (!this.info?.features.includes('marked') || Object.keys(channels).length === 0) return;
    await this.#control.request('marked', { channels }, { signal });
  }

  /** Tells why the session ends, and waits until it was heard, or for `BYE_TIMEOUT_MS`. Never throws. */
  async bye(reason: string): Promise<void> {
    if (!this.info?.features.includes('bye')) return;
    const { signal } = new AbortController();
    await this.#control.request('bye', { reason }, { signal, timeoutMs: BYE_TIMEOUT_MS }).catch(() => {});
  }

  /** Tells that a channel of its, opened for a purpose, was taken. Never throws. */
  accepted({ id, protocol }: DataChannelLike): void {
    if (this.info && id !== null && protocol !== '') this.tell('accepted', { channel: id });
  }

  /** Tells why a channel of its is not served; resolves when it knows. One that did not say hello is not told. Never rejects. */
  async refused(channel: DataChannelLike, error: SessionError, { signal }: Abortable): Promise<void> {
    if (!this.info) return;
    const failure = await tellRefusal(this.#control, { channel, error }, { signal });
    if (failure) this.#logger.debug({ code: failure.code }, 'a client could not be told of a refusal');
  }

  /** It does not serve a channel that this agent opened. */
  refuses({ code, protocol }: CommandArgs<'refused'>): void {
    this.#logger.info({ code, protocol }, 'a client refused a channel');
  }

  async setClipboard(data: string, mimetype: string, options: Abortable): Promise<void> {
    await this.#ask('set_clipboard', { data, mimetype }, options);
  }

  async getClipboard(options: Abortable): Promise<string> {
    return await this.#ask('get_clipboard', {}, options);
  }

  async #ask<T extends 'get_clipboard' | 'set_clipboard'>(
    type: T,
    args: CommandArgs<T>,
    { signal }: Abortable,
  ): Promise<string> {
    try {
      return await this.#control.request(type, args, { signal, timeoutMs: this.#replyTimeoutMs });
    } catch (error) {
      throw toSessionError(error, 'The client');
    }
  }
}
