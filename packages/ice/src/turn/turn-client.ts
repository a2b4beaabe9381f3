import { createHash } from 'node:crypto';
import type { Random, Runtime } from '@ouro/base';
import {
  encodeStun,
  hasIntegrity,
  newTransactionId,
  STUN_ATTRIBUTE,
  STUN_CLASS,
  type StunAttribute,
  type StunMessage,
  uint32Attribute,
} from '@ouro/stun';
import { SERVER_UNREACHABLE, type TurnServer } from '../ice-servers.ts';
import { Transactions } from '../transactions.ts';
import { STALE_NONCE, TURN_ATTRIBUTE, TURN_METHOD, TURN_TIMEOUT_MS, UNAUTHENTICATED } from './constants.ts';
import type { TurnWire } from './wire.ts';

/** A server that says no, or nothing: as `IceServerError` has it. */
export interface Refusal {
  readonly errorCode: number;
  readonly errorText: string;
}

interface Challenge {
  readonly realm: Buffer;
  readonly nonce: Buffer;
}

const CLASS_BITS = 0x110;
/** Credentials are asked for once, and a nonce may become stale once more meanwhile. */
const MAX_CHALLENGES = 2;
/** Most characters of a server's reason that are told. */
const MAX_REASON_CHARS = 128;

const SILENCE: Refusal = { errorCode: SERVER_UNREACHABLE, errorText: 'the server does not answer' };

/** Requests to one TURN server with long-term credentials (RFC 8489 section 9.2). */
export class TurnClient {
  readonly #server: TurnServer;
  readonly #wire: TurnWire;
  readonly #random: Random;
  readonly #transactions: Transactions;
  readonly #waiting = new Set<() => void>();
  #challenge: Challenge | undefined;
  #stopped = false;
  #key: Buffer | undefined;

  constructor(server: TurnServer, wire: TurnWire, runtime: Runtime) {
    this.#server = server;
    this.#wire = wire;
    this.#random = runtime.random;
    this.#transactions = new Transactions(runtime);
  }

  /** An answer of the server came. */
  receive(message: StunMessage): void {
    this.#transactions.receive(message, this.#wire.socket, this.#wire.server);
  }

  /** @returns the success, or why there is none; never rejects */
  async request(method: number, attributes: readonly StunAttribute[]): Promise<StunMessage | Refusal> {
    for (let tries = 0; ; tries += 1) {
      const answer = await this.#send(method, attributes);
      if (answer === undefined) return SILENCE;
      if (classOf(answer) === STUN_CLASS.success) return answer;
      if (tries === MAX_CHALLENGES || !this.#takeChallenge(answer)) return refusalIn(answer);
    }
  }

  /** Gives the allocation back, if the server may have made one. The answer does not matter. */
  deallocate(): void {
    if (this.#challenge !== undefined)
      this.#tell(TURN_METHOD.refresh, [uint32Attribute(TURN_ATTRIBUTE.lifetime, 0)]);
  }

  #tell(method: number, attributes: readonly StunAttribute[]): void {
    const encode = (id: string): Buffer => this.#encode(method, attributes, id);
    this.#wire.socket.send(encode(newTransactionId(this.#random)), this.#wire.server);
  }

  /** Nothing more is asked, and what waits for an answer has none. */
  stop(): void {
    this.#stopped = true;
    this.#transactions.stop();
    for (const done of this.#waiting) done();
  }

  #send(method: number, attributes: readonly StunAttribute[]): Promise<StunMessage | undefined> {
    const { promise, resolve } = Promise.withResolvers<StunMessage | undefined>();
    if (this.#stopped) return Promise.resolve(undefined);
    const stopped = (): void => resolve(undefined);
    this.#waiting.add(stopped);
    this.#transactions.start({
      socket: this.#wire.socket,
      to: this.#wire.server,
      encode: (transactionId) => this.#encode(method, attributes, transactionId),
      isAuthentic: (answer) => this.#isAuthentic(answer),
      ...(this.#wire.reliable ? { transmissions: 1, rtoMs: TURN_TIMEOUT_MS } : {}),
      done: resolve,
    });
    return promise.finally(() => this.#waiting.delete(stopped));
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
  return value === undefined || value.length < 4 ? 0 : 100 * ((value[2] ?? 0) & 7) + (value[3] ?? 0);
}

/** The reason is another's text: nothing that a terminal or a log would act on is left in it. */
function refusalIn({ attributes }: StunMessage): Refusal {
  const value = attributes.get(STUN_ATTRIBUTE.errorCode);
  const reason = value?.toString('utf8', 4).replace(/[^\x20-\x7e]/g, '') ?? '';
  return { errorCode: errorCode(value), errorText: reason.slice(0, MAX_REASON_CHARS) };
}
