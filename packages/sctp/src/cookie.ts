import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Runtime } from '@ouro/base';
import { COOKIE_LIFETIME_MS } from './constants.ts';

const KEY_BYTES = 32;
const MAC_BYTES = 32;
const TIME_BYTES = 8;

/** State cookies (RFC 9260 section 5.1.3): the far end keeps its own INIT for us, signed and dated. */
export class Cookie {
  readonly #clock: Clock;
  readonly #key: Uint8Array;

  constructor({ clock, random }: Runtime) {
    this.#clock = clock;
    this.#key = random(KEY_BYTES);
  }

  bake(init: Buffer): Buffer {
    const body = Buffer.alloc(TIME_BYTES + init.length);
    body.writeDoubleBE(this.#clock.now(), 0);
    init.copy(body, TIME_BYTES);
    return Buffer.concat([this.#mac(body), body]);
  }

  /** The INIT that was baked in; undefined if it is not our work or too old. */
  open(cookie: Buffer): Buffer | undefined {
    if (cookie.length < MAC_BYTES + TIME_BYTES) return undefined;
    const body = cookie.subarray(MAC_BYTES);
    if (!timingSafeEqual(cookie.subarray(0, MAC_BYTES), this.#mac(body))) return undefined;
    const age = this.#clock.now() - body.readDoubleBE(0);
    return age <= COOKIE_LIFETIME_MS ? body.subarray(TIME_BYTES) : undefined;
  }

  #mac(body: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(body).digest();
  }
}
