import { isLoopback } from '@ouro/base';
import { IncomingQueue, type Signaler } from '@ouro/signaling';
import type { OnSession, WhipSessionContext } from './options.ts';
import type { WhipSession } from './whip-session.ts';

/**
 * The host's side of WHIP as a transport: give `onSession` to the plugin, and iterate.
 */
export class WhipListener extends IncomingQueue {
  readonly #sessions = new Set<WhipSession>();

  /** For the options of `whipServer`. @throws SignalingError `too-many`, `unavailable` */
  readonly onSession: OnSession = async (signaler, context) => {
    const { session } = context;
    const over = new Promise<void>((resolve) => {
      session.ended.addEventListener('abort', () => resolve(), { once: true });
    });
    this.push(incomingOf(signaler, context));
    this.#sessions.add(session);
    await over;
    this.#sessions.delete(session);
  };

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    for (const session of this.#sessions) session.closed();
  }
}

function incomingOf(signaler: Signaler, { address, label, bearer, session }: WhipSessionContext) {
  return {
    signaler,
    remote: signaler.remote,
    label: label ?? address,
    local: isLoopback(address),
    session,
    ...(bearer === undefined ? {} : { bearer }),
  };
}
