import {
  decodeStun,
  hasIntegrity,
  STUN_ATTRIBUTE,
  STUN_CLASS,
  STUN_METHOD,
  type StunMessage,
} from '@ouro/stun';
import type { DropReason } from './counters.ts';
import type { Endpoint } from './endpoint.ts';
import { IcePortError } from './errors.ts';
import type { PortSession, SessionCredentials } from './session.ts';

/** A request that was made with a session's password. */
export interface ProvenRequest {
  readonly session: PortSession;
  readonly message: StunMessage;
}

/** A request of a session that waits for its response. */
export interface Transaction {
  readonly session: PortSession;
  readonly endpoint: Endpoint;
}

const BINDING_REQUEST = STUN_METHOD.binding | STUN_CLASS.request;
const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PWD = /^[A-Za-z0-9+/]{22,256}$/;

/** Which session a STUN message is for: by ufrag for requests, by transaction for responses. */
export class SessionRegistry {
  readonly #byUfrag = new Map<string, PortSession>();
  readonly #transactions = new Map<string, Transaction>();

  /** @throws IcePortError `bad-ufrag` when the ufrag is taken, or the credentials are not of the form the RFC asks for */
  add({ ufrag, pwd }: SessionCredentials, session: PortSession): void {
    if (!UFRAG.test(ufrag) || !PWD.test(pwd)) {
      throw new IcePortError(
        'bad-ufrag',
        'The ICE credentials do not have the form of RFC 8839; make new ones',
      );
    }
    if (this.#byUfrag.has(ufrag)) {
      throw new IcePortError('bad-ufrag', 'The ICE port has a session with this ufrag; make new credentials');
    }
    this.#byUfrag.set(ufrag, session);
  }

  remove({ ufrag }: SessionCredentials): void {
    this.#byUfrag.delete(ufrag);
  }

  /**
   * A Binding request and the session whose password it was made with, or why it is none's: it has to have FINGERPRINT,
   * MESSAGE-INTEGRITY, and the receiver's ufrag in front in its USERNAME (RFC 8445 section 7.2.2).
   */
  authenticate(packet: Buffer): ProvenRequest | DropReason {
    const message = decodeStun(packet);
    if (message === undefined || message.type !== BINDING_REQUEST || !message.fingerprinted)
      return 'bad-request';
    const ufrag = receiver(message);
    if (ufrag === undefined || message.integrityAt === undefined) return 'bad-request';
    const session = this.#byUfrag.get(ufrag);
    if (session === undefined) return 'unknown-ufrag';
    return hasIntegrity(message, session.credentials.pwd) ? { session, message } : 'bad-integrity';
  }

  /** Lets the response to the request `key` through, until `forget`. */
  expect(key: string, transaction: Transaction): void {
    this.#transactions.set(key, transaction);
  }

  forget(key: string): void {
    this.#transactions.delete(key);
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

function receiver({ attributes }: StunMessage): string | undefined {
  const username = attributes.get(STUN_ATTRIBUTE.username)?.toString('latin1') ?? '';
  const colon = username.indexOf(':');
  return colon < 1 ? undefined : username.slice(0, colon);
}
