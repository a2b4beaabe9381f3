import { createHash } from 'node:crypto';
import { STUN_ATTRIBUTE, STUN_CLASS } from '../constants.ts';
import type { TurnServer } from '../ice-servers.ts';
import { encodeStun, hasIntegrity, type StunAttribute, type StunMessage } from '../stun.ts';
import { Transactions } from '../transactions.ts';
import { STALE_NONCE, TURN_ATTRIBUTE, TURN_TIMEOUT_MS, UNAUTHENTICATED } from './constants.ts';
import type { TurnWire } from './wire.ts';

interface Challenge {
  readonly realm: Buffer;
  readonly nonce: Buffer;
}

const CLASS_BITS = 0x110;

/** Requests to one TURN server with long-term credentials (RFC 8489 section 9.2). */
export class TurnClient {
  readonly #server: TurnServer;
  readonly #wire: TurnWire;
  readonly #transactions = new Transactions();
  #challenge: Challenge | undefined;
  #key: Buffer | undefined;

  constructor(server: TurnServer, wire: TurnWire) {
    this.#server = server;
    this.#wire = wire;
  }

  /** An answer of the server came. */
  receive(message: StunMessage): void {
    this.#transactions.receive(message, this.#wire.socket, this.#wire.server);
  }

  /** @returns the success; undefined when the server refuses or does not answer */
  async request(method: number, attributes: readonly StunAttribute[]): Promise<StunMessage | undefined> {
    for (let tries = 0; tries < 3; tries += 1) {
      const answer = await this.#send(method, attributes);
      if (answer === undefined || classOf(answer) === STUN_CLASS.success) return answer;
      if (!this.#takeChallenge(answer)) return undefined;
    }
    return undefined;
  }

  /** Sends a request of which the answer does not matter, once. */
  tell(method: number, attributes: readonly StunAttribute[]): void {
    const encode = (id: string): Buffer => this.#encode(method, attributes, id);
    this.#wire.socket.send(encode('0'.repeat(24)), this.#wire.server);
  }

  stop(): void {
    this.#transactions.stop();
  }

  #send(method: number, attributes: readonly StunAttribute[]): Promise<StunMessage | undefined> {
    const { promise, resolve } = Promise.withResolvers<StunMessage | undefined>();
    this.#transactions.start({
      socket: this.#wire.socket,
      to: this.#wire.server,
      encode: (transactionId) => this.#encode(method, attributes, transactionId),
      isAuthentic: (answer) => this.#isAuthentic(answer),
      ...(this.#wire.reliable ? { transmissions: 1, rtoMs: TURN_TIMEOUT_MS } : {}),
      done: resolve,
    });
    return promise;
  }

  #encode(method: number, attributes: readonly StunAttribute[], transactionId: string): Buffer {
    const challenge = this.#challenge;
    if (challenge === undefined || this.#key === undefined)
      return encodeStun(method, transactionId, attributes);
    const credentials = [
      { type: STUN_ATTRIBUTE.username, value: Buffer.from(this.#server.username) },
      { type: TURN_ATTRIBUTE.realm, value: challenge.realm },
      { type: TURN_ATTRIBUTE.nonce, value: challenge.nonce },
    ];
    return encodeStun(method, transactionId, [...attributes, ...credentials], this.#key);
  }

  /** A success must be signed; the refusal that asks for credentials cannot be. */
  #isAuthentic(answer: StunMessage): boolean {
    if (classOf(answer) === STUN_CLASS.error) return true;
    return this.#key !== undefined && hasIntegrity(answer, this.#key);
  }

  #takeChallenge({ attributes }: StunMessage): boolean {
    const code = errorCode(attributes.get(STUN_ATTRIBUTE.errorCode));
    const realm = attributes.get(TURN_ATTRIBUTE.realm);
    const nonce = attributes.get(TURN_ATTRIBUTE.nonce);
    const again = (code === UNAUTHENTICATED && this.#challenge === undefined) || code === STALE_NONCE;
    if (!again || realm === undefined || nonce === undefined) return false;
    this.#challenge = { realm: Buffer.from(realm), nonce: Buffer.from(nonce) };
    const { username, credential } = this.#server;
    // RFC 8489 section 9.2.2 knows no other way that servers in use understand.
    this.#key = createHash('md5').update(`${username}:${realm}:${credential}`).digest();
    return true;
  }
}

function classOf({ type }: StunMessage): number {
  return type & CLASS_BITS;
}

function errorCode(value: Buffer | undefined): number {
  return value === undefined || value.length < 4 ? 0 : 100 * (value[2] ?? 0) + (value[3] ?? 0);
}
