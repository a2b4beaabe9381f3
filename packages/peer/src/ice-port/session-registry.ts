import { randomBytes } from 'node:crypto';
import { PASSWORD_BYTES, UFRAG_BYTES } from './constants.ts';
import type { DropReason } from './counters.ts';
import type { Endpoint } from './endpoint.ts';
import { IcePortError } from './errors.ts';
import type { IceSession } from './ice-session.ts';
import { integrityHolds, readBindingRequest } from './stun.ts';

/** ICE credentials of one generation (RFC 8839 section 5.4). */
export interface IceCredentials {
  readonly ufrag: string;
  readonly password: string;
}

/** Random bytes; given from outside in tests. */
export type RandomBytes = (count: number) => Buffer;

interface Registered {
  readonly session: IceSession;
  readonly credentials: IceCredentials;
}

/** A request of a session that waits for its response. */
export interface Transaction {
  readonly session: IceSession;
  readonly endpoint: Endpoint;
  /** What the response must be signed with; undefined for a STUN server, which signs nothing. */
  readonly password: string | undefined;
}

const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PASSWORD = /^[A-Za-z0-9+/]{22,256}$/;

/** Which session a STUN message is for: by ufrag for requests, by transaction for responses. */
export class SessionRegistry {
  readonly #byUfrag = new Map<string, Registered>();
  readonly #transactions = new Map<string, Transaction>();
  readonly #random: RandomBytes;

  constructor(random: RandomBytes = randomBytes) {
    this.#random = random;
  }

  /** Fresh credentials; the ufrag is free. */
  newCredentials(): IceCredentials {
    // Twelve and twenty-four bytes are whole base64 groups: ice-chars only, without padding.
    const ufrag = this.#random(UFRAG_BYTES).toString('base64');
    if (this.#byUfrag.has(ufrag)) return this.newCredentials();
    return { ufrag, password: this.#random(PASSWORD_BYTES).toString('base64') };
  }

  /** @throws IcePortError `bad-ufrag` when the ufrag is taken, or not of the form the RFC asks for */
  add(credentials: IceCredentials, session: IceSession): void {
    const { ufrag, password } = credentials;
    if (!UFRAG.test(ufrag) || !PASSWORD.test(password)) {
      throw new IcePortError(
        'bad-ufrag',
        'The ICE credentials are not of the form of RFC 8839; let the port make them',
      );
    }
    if (this.#byUfrag.has(ufrag)) {
      throw new IcePortError('bad-ufrag', 'The ufrag is taken on this port; let the port make one');
    }
    this.#byUfrag.set(ufrag, { session, credentials });
  }

  remove(credentials: IceCredentials): void {
    this.#byUfrag.delete(credentials.ufrag);
  }

  /** The session whose password a Binding request was made with, or why it is none's. */
  authenticate(packet: Buffer): Registered | DropReason {
    const request = readBindingRequest(packet);
    if (request === undefined) return 'bad-request';
    const registered = this.#byUfrag.get(request.localUfrag);
    if (registered === undefined) return 'unknown-ufrag';
    const { password } = registered.credentials;
    return integrityHolds(packet, request.integrityAt, password) ? registered : 'bad-integrity';
  }

  /** Lets the response to the request `key` through, until the returned function is called. */
  expect(key: string, transaction: Transaction): () => void {
    this.#transactions.set(key, transaction);
    return () => this.#transactions.delete(key);
  }

  transaction(key: string): Transaction | undefined {
    return this.#transactions.get(key);
  }

  /** Ufrags in use, for tests and reports. */
  get ufrags(): number {
    return this.#byUfrag.size;
  }

  /** Requests that wait, for tests and reports. */
  get transactions(): number {
    return this.#transactions.size;
  }
}
