import type { Runtime } from '@ouro/base';
import { runtimeOf, type TransportAddress } from '@ouro/base/node';
import { decodeStun, type StunMessage } from '@ouro/stun';
import type { IceAgentOptions, IceState } from './agent-options.ts';
import type { IceCandidate } from './candidate.ts';
import { type Answered, Checker } from './checker.ts';
import { Checklist } from './checklist.ts';
import {
  type Check,
  checkIn,
  encodeCheckAnswer,
  encodeRoleConflict,
  type IceCredentials,
  isAnswer,
  isProven,
  isRequest,
  isRoleConflict,
  isSuccess,
  newCredentials,
  wrongRole,
} from './checks.ts';
import {
  CHECK_RTO_MS,
  CONSENT_TIMEOUT_MS,
  DISCONNECTED_MS,
  FIRST_BYTE,
  MAX_EARLY_CHECKS,
  NO_PAIR_TIMEOUT_MS,
} from './constants.ts';
import { Gatherer } from './gatherer.ts';
import { Liveness } from './liveness.ts';
import { Nominator } from './nominator.ts';
import { Pacer } from './pacer.ts';
import type { CandidatePair } from './pair.ts';
import type { IceSocket, SocketUser } from './socket.ts';
import { Transactions } from './transactions.ts';

interface EarlyCheck {
  readonly socket: IceSocket;
  readonly from: TransportAddress;
  readonly check: Check;
}

/**
 * One full ICE agent for one component (RFC 8445, RFC 8838): finds a path, keeps asking for consent on it (RFC 7675),
 * and lets nothing through that does not come over a checked pair. A request that is not made with our password has
 * no effect and no answer.
 */
export class IceAgent {
  readonly local: IceCredentials;
  readonly #options: IceAgentOptions;
  readonly #runtime: Runtime;
  readonly #transactions: Transactions;
  readonly #checklist: Checklist;
  readonly #gatherer: Gatherer;
  readonly #checker: Checker;
  readonly #checkedAt = new WeakMap<CandidatePair, number>();
  readonly #nominator: Nominator;
  readonly #pacer: Pacer;
  readonly #liveness: Liveness;
  #controlling = false;
  #remote: IceCredentials | undefined;
  #early: EarlyCheck[] = [];
  #state: IceState = 'new';
  #selected: CandidatePair | undefined;
  #endNoPairTimeout: () => void = () => {};
  #patient = true;

  constructor(options: IceAgentOptions) {
    this.#options = options;
    this.#runtime = runtimeOf(options);
    const { clock, random } = this.#runtime;
    this.local = newCredentials(random);
    this.#transactions = new Transactions(this.#runtime);
    this.#checklist = new Checklist(random);
    this.#checker = new Checker(this.#transactions, this.local, random);
    this.#pacer = new Pacer(clock, () => this.#checkNext());
    this.#nominator = new Nominator({
      clock,
      pairs: () => this.#checklist.pairs,
      isOpen: () => this.#controlling && this.#selected === undefined && this.#state === 'checking',
      check: (pair) => this.#check(pair),
    });
    this.#liveness = new Liveness({
      ...this.#runtime,
      checker: this.#checker,
      timeoutMs: options.consentTimeoutMs ?? CONSENT_TIMEOUT_MS,
      controlling: () => this.#controlling,
      onDisconnected: (disconnected) => this.#setState(disconnected ? 'disconnected' : 'connected'),
      onExpired: () => this.#fail(),
    });
    this.#gatherer = new Gatherer({
      ...options,
      ...this.#runtime,
      transactions: this.#transactions,
      onBase: (base) => {
        this.#checklist.addBase(base, this.#controlling);
        this.#pacer.go();
      },
    });
  }

  get state(): IceState {
    return this.#state;
  }

  get controlling(): boolean {
    return this.#controlling;
  }

  get selected(): CandidatePair | undefined {
    return this.#selected;
  }

  get pairs(): readonly CandidatePair[] {
    return this.#checklist.pairs;
  }

  get localCandidates(): readonly IceCandidate[] {
    return this.#gatherer.candidates;
  }

  get remoteCandidates(): readonly IceCandidate[] {
    return this.#checklist.remotes;
  }

  /** Milliseconds since data or an answer came over a checked pair. */
  get silentMs(): number {
    return this.#liveness.silentMs;
  }

  /** Opens the sockets: the host candidates. Once. */
  async open(): Promise<void> {
    await this.#gatherer.open(this.#user);
  }

  /** Finds the other local candidates. Resolves when there will be no more. Once, after `open`. */
  async gather(): Promise<void> {
    await this.#gatherer.ask(this.#user);
  }

  get #user(): SocketUser {
    return {
      ...this.local,
      onDatagram: (socket, datagram, from, proven) =>
        proven === undefined ? this.#datagram(socket, datagram, from) : this.#request(socket, proven, from),
    };
  }

  /** Who starts is controlling (RFC 8445 section 6.1.1). Before `start`. */
  setRole(controlling: boolean): void {
    this.#controlling = controlling;
    this.#checklist.reorder(controlling);
  }

  /** The far end's credentials are known: checks begin. Once. */
  start(remote: IceCredentials): void {
    if (this.#state !== 'new') return;
    this.#remote = remote;
    this.#setState('checking');
    this.#endNoPairTimeout = this.#runtime.clock.after(NO_PAIR_TIMEOUT_MS, () => {
      this.#patient = false;
      this.#failIfHopeless();
    });
    for (const { socket, from, check } of this.#early.splice(0)) this.#checked(socket, from, check);
    this.#pacer.go();
  }

  /** One candidate of the far end, at any time. */
  addRemoteCandidate(candidate: IceCandidate): void {
    if (this.#state === 'closed') return;
    this.#checklist.addRemote(candidate, this.#controlling);
    this.#pacer.go();
  }

  /** Sends a datagram over the selected pair, if there is one. */
  send(datagram: Buffer): void {
    const pair = this.#selected;
    if (pair === undefined || this.#state === 'failed' || this.#state === 'closed') return;
    pair.bytesSent += datagram.length;
    pair.socket.send(datagram, pair.remote);
  }

  /** See `Liveness`. */
  ping(...args: Parameters<Liveness['ping']>): void {
    this.#liveness.ping(...args);
  }

  /** Another generation has a path: asks for nothing any more, but takes and answers what is still on its way. */
  rest(): void {
    this.#stop();
  }

  /** Closes every socket and ends every timer. Twice is once. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#stop();
    this.#gatherer.close();
    this.#early = [];
    this.#setState('closed');
  }

  #datagram(socket: IceSocket, datagram: Buffer, from: TransportAddress): void {
    const first = datagram[0] ?? FIRST_BYTE.none;
    if (first <= FIRST_BYTE.lastStun) {
      const message = decodeStun(datagram);
      if (message !== undefined) this.#stun(socket, message, from);
    } else if (first >= FIRST_BYTE.firstDtls && first <= FIRST_BYTE.lastDtls)
      this.#data(socket, datagram, from);
  }

  #data(socket: IceSocket, datagram: Buffer, from: TransportAddress): void {
    const pair = this.#checklist.find(socket, from);
    if (pair === undefined || !(pair.state === 'succeeded' || this.#isWanted(pair))) return;
    this.#liveness.heard();
    pair.bytesReceived += datagram.length;
    this.#options.onData(datagram);
  }

  /** The far end has checked it with our password and sends over it from now on; our own check is still under way. */
  #isWanted(pair: CandidatePair): boolean {
    return pair.nominated && !this.#controlling;
  }

  #stun(socket: IceSocket, message: StunMessage, from: TransportAddress): void {
    if (isAnswer(message)) this.#transactions.receive(message, socket, from);
    else if (isRequest(message) && isProven(message, this.local)) this.#request(socket, message, from);
  }

  /** `message` is proven. */
  #request(socket: IceSocket, message: StunMessage, from: TransportAddress): void {
    const check = checkIn(message, this.local, this.#remote);
    if (check === undefined || this.#state === 'closed' || this.#state === 'failed') return;
    const { transactionId } = message;
    if (!this.#settleRoles(check)) {
      socket.send(encodeRoleConflict(transactionId, this.local), from);
      return;
    }
    socket.send(encodeCheckAnswer(transactionId, from, this.local), from);
    if (this.#remote !== undefined) this.#checked(socket, from, check);
    else if (this.#early.length < MAX_EARLY_CHECKS) this.#early.push({ socket, from, check });
  }

  /** @returns whether the check stands; else the far end has to change its role */
  #settleRoles(check: Check): boolean {
    const wrong = wrongRole(check, this.#controlling, this.#checker.tieBreaker);
    if (wrong === 'ours') this.setRole(!this.#controlling);
    return wrong !== 'theirs';
  }

  /** A check of the far end came over this path: look back (RFC 8445 section 7.3.1.4, 7.3.1.5). */
  #checked(socket: IceSocket, from: TransportAddress, { priority, useCandidate }: Check): void {
    const pair = this.#checklist.seen(socket, from, priority, this.#controlling);
    if (pair === undefined) return;
    if (useCandidate && !this.#controlling) pair.nominated = true;
    if (pair.state === 'succeeded') {
      if (pair.nominated) this.#select(pair);
    } else if (
      this.#runtime.clock.now() - (this.#checkedAt.get(pair) ?? Number.NEGATIVE_INFINITY) >=
      CHECK_RTO_MS
    ) {
      this.#nominator.nominateIfBest(pair);
      this.#check(pair);
    }
  }

  /** Checks the best pair that waits. @returns whether there was one */
  #checkNext(): boolean {
    const { next } = this.#checklist;
    if (next === undefined || this.#state !== 'checking') return false;
    this.#nominator.nominateIfBest(next);
    this.#check(next);
    return true;
  }

  #check(pair: CandidatePair): void {
    const remote = this.#remote;
    if (remote === undefined) return;
    if (pair.state !== 'succeeded') pair.state = 'in-progress';
    this.#checkedAt.set(pair, this.#runtime.clock.now());
    this.#checker.check(pair, {
      remote,
      controlling: this.#controlling,
      useCandidate: this.#controlling && pair.nominated,
      done: (result) => this.#answered(pair, result),
    });
  }

  #answered(pair: CandidatePair, result: Answered): void {
    const { answer, rttMs } = result;
    if (answer !== undefined && isRoleConflict(answer)) {
      if (this.#controlling === result.controlling) this.setRole(!result.controlling);
      this.#check(pair);
    } else if (answer === undefined || !isSuccess(answer)) this.#pairFailed(pair);
    else {
      this.#liveness.heard();
      pair.rttMs = rttMs;
      pair.state = 'succeeded';
      const agreed = this.#controlling ? result.useCandidate : pair.nominated;
      if (agreed) this.#select(pair);
      else this.#nominator.consider();
    }
  }

  #pairFailed(pair: CandidatePair): void {
    if (pair === this.#selected) return;
    // A pair that worked once, but not when it was nominated, is no way either.
    pair.state = 'failed';
    if (this.#controlling) pair.nominated = false;
    this.#nominator.consider();
    this.#failIfHopeless();
  }

  /** Both ends settle on the best pair that was nominated, or on the newest if the one in use is silent. */
  #select(pair: CandidatePair): void {
    const current = this.#selected;
    const stale = this.#liveness.consentAge > DISCONNECTED_MS;
    if (current === pair || (current !== undefined && current.priority > pair.priority && !stale)) return;
    this.#selected = pair;
    this.#endNoPairTimeout();
    this.#nominator.stop();
    this.#pacer.stop();
    if (this.#remote !== undefined) this.#liveness.watch(pair, this.#remote);
    if (this.#controlling) this.#gatherer.settle(pair.socket, pair.remote);
    this.#options.onSelected(pair);
    this.#setState('connected');
  }

  #failIfHopeless(): void {
    const { isPending } = this.#checklist;
    if (this.#state === 'checking' && !this.#patient && !isPending && !this.#selected) this.#fail();
  }

  #fail(): void {
    this.#stop();
    this.#setState('failed');
  }

  #stop(): void {
    this.#transactions.stop();
    this.#liveness.stop();
    this.#pacer.stop();
    this.#nominator.stop();
    this.#endNoPairTimeout();
  }

  #setState(state: IceState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#options.onState(state);
  }
}
