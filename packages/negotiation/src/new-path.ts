import { type Deadline, unlessAborted } from '@ouro/base';
import { SignalingError } from '@ouro/signaling';
import type { PeerConnectionLike } from '@ouro/webrtc-types';

interface PathSource {
  addEventListener(type: 'selectedcandidatepairchange', listener: () => void): void;
  removeEventListener(type: 'selectedcandidatepairchange', listener: () => void): void;
}

/** A peer that tells itself of its path, as `Peer` does. */
interface TellsPath extends PathSource {
  selectedPair(): unknown;
}

/** The way to the path in a browser: `RTCIceTransport`; not every one has it. */
interface HasSctp {
  readonly sctp: { readonly transport: { readonly iceTransport?: PathSource } } | null;
}

/** Watches for the change to another path, from the beginning of a restart on. */
export class NewPath implements Disposable {
  readonly #peer: PeerConnectionLike;
  readonly #source: PathSource | undefined;
  readonly #found = Promise.withResolvers<void>();
  #wasDown = false;

  constructor(peer: PeerConnectionLike) {
    this.#peer = peer;
    this.#source = pathSource(peer);
    this.#source?.addEventListener('selectedcandidatepairchange', this.#take);
    peer.addEventListener('connectionstatechange', this.#look);
    this.#look();
  }

  /** Both descriptions are set; resolves when the new path is in use. @throws SignalingError, the deadline's reason */
  async found({ signal }: Deadline): Promise<void> {
    // A browser that does not tell its path, and is connected all the time, will be so over the new one.
    if (this.#source === undefined && !this.#wasDown) return;
    await unlessAborted(this.#found.promise, signal);
  }

  [Symbol.dispose](): void {
    this.#source?.removeEventListener('selectedcandidatepairchange', this.#take);
    this.#peer.removeEventListener('connectionstatechange', this.#look);
    this.#found.promise.catch(() => undefined);
  }

  readonly #take = (): void => this.#found.resolve();

  readonly #look = (): void => {
    const { connectionState } = this.#peer;
    if (connectionState === 'closed') {
      this.#found.reject(new SignalingError('closed', 'The connection was closed meanwhile'));
    } else if (connectionState !== 'connected') this.#wasDown = true;
    else if (this.#wasDown && this.#source === undefined) this.#found.resolve();
  };
}

function pathSource(peer: object): PathSource | undefined {
  if (tellsPath(peer)) return peer;
  return hasSctp(peer) ? peer.sctp?.transport.iceTransport : undefined;
}

/** Whether it is one of ours. */
export function tellsPath(peer: object): peer is TellsPath {
  return 'selectedPair' in peer && typeof peer.selectedPair === 'function';
}

function hasSctp(peer: object): peer is HasSctp {
  return 'sctp' in peer;
}
