import type { ChannelPeer, PeerInfo } from '@ouro/control';
import type { Clock, Logger } from '../types.ts';
import type { PaneStore } from './pane-store.ts';

/** Where the clients' payload is kept: a JSON text of theirs, empty if none. */
export interface PayloadStore {
  get(): Promise<string> | string;
  set(payload: string): Promise<void> | void;
}

/** Settings of a SessionHost. */
export interface SessionHostOptions {
  /** The connected peer. Give it before its first `datachannel` event can fire. */
  peer: ChannelPeer;
  /** Shared by all hosts of an agent. */
  panes: PaneStore;
  /** Shared by all hosts of an agent. */
  payload: PayloadStore;
  /** This agent's version. */
  info: { version: string };
  logger: Logger;
  clock: Clock;
}

/** The agent's end of a session, one per connected peer. */
export class SessionHost implements AsyncDisposable {
  /** Resolves when the session is over: `close`, or its control channel was closed. */
  readonly closed: Promise<void> = Promise.resolve();
  /** The client, once it said hello. */
  readonly remote: PeerInfo | undefined = undefined;

  constructor(_options: SessionHostOptions) {}

  /** Detaches this client from all panes and closes its channels; the panes stay. Twice is once. Never throws. */
  async close(): Promise<void> {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
