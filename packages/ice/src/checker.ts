import type { Random } from '@ouro/base';
import { hasIntegrity, type StunMessage } from '@ouro/stun';
import { candidatePriority, localPreference } from './candidate.ts';
import { encodeCheck, type IceCredentials } from './checks.ts';
import { TCP_CHECK_TIMEOUT_MS } from './constants.ts';
import type { CandidatePair } from './pair.ts';
import type { Transactions } from './transactions.ts';

/** How a check ended. */
export interface Answered {
  /** Made with the far end's password; undefined when none came in time. */
  readonly answer: StunMessage | undefined;
  readonly rttMs: number;
  /** As the check said. */
  readonly controlling: boolean;
  readonly useCandidate: boolean;
}

export interface CheckOptions {
  readonly remote: IceCredentials;
  readonly controlling: boolean;
  readonly useCandidate: boolean;
  /** Sent only once, and its answer awaited for so many milliseconds. */
  readonly once?: number;
  readonly done: (answered: Answered) => void;
}

/** Sends connectivity checks of one agent (RFC 8445 section 7.2). */
export class Checker {
  /** Decides who controls if both think that they do (RFC 8445 section 5.2). */
  readonly tieBreaker: bigint;
  readonly #transactions: Transactions;
  readonly #local: IceCredentials;

  constructor(transactions: Transactions, local: IceCredentials, random: Random) {
    this.tieBreaker = Buffer.from(random(8)).readBigUInt64BE(0);
    this.#transactions = transactions;
    this.#local = local;
  }

  check(pair: CandidatePair, { remote, controlling, useCandidate, once, done }: CheckOptions): void {
    const single = once ?? (pair.socket.tcpType === undefined ? undefined : TCP_CHECK_TIMEOUT_MS);
    const priority = candidatePriority('prflx', localPreference(pair.local));
    const parameters = {
      local: this.#local,
      remote,
      controlling,
      useCandidate,
      priority,
      tieBreaker: this.tieBreaker,
    };
    this.#transactions.start({
      socket: pair.socket,
      to: pair.remote,
      encode: (transactionId) => encodeCheck(transactionId, parameters),
      isAuthentic: (answer) => hasIntegrity(answer, remote.pwd),
      ...(single === undefined ? {} : { transmissions: 1, rtoMs: single }),
      done: (answer, rttMs) => done({ answer, rttMs, controlling, useCandidate }),
    });
  }
}
