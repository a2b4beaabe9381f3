import type { Random } from '@ouro/base';
import { sameAddress, type TransportAddress } from '@ouro/base/node';
import { candidateFoundation, type IceCandidate } from './candidate.ts';
import { MAX_PAIRS, MAX_REMOTE_CANDIDATES } from './constants.ts';
import { type CandidatePair, newPair, pairPriority } from './pair.ts';
import type { IceSocket } from './socket.ts';

/** Pairs of all generations have names of their own. */
const PAIR_ID_BYTES = 16;

/** A local candidate that pairs are made of: one that has a socket. */
export interface LocalBase {
  readonly socket: IceSocket;
  readonly candidate: IceCandidate;
}

/** All pairs of one generation, the best first (RFC 8445 section 6.1.2). */
export class Checklist {
  readonly #random: Random;
  readonly #bases: LocalBase[] = [];
  readonly #remotes: IceCandidate[] = [];
  #pairs: CandidatePair[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get pairs(): readonly CandidatePair[] {
    return this.#pairs;
  }

  /** The best pair that waits for its check. */
  get next(): CandidatePair | undefined {
    return this.#pairs.find(({ state }) => state === 'waiting');
  }

  /** Whether some pair may still turn out to work. */
  get isPending(): boolean {
    return this.#pairs.some(({ state }) => state === 'waiting' || state === 'in-progress');
  }

  get remotes(): readonly IceCandidate[] {
    return this.#remotes;
  }

  addBase(base: LocalBase, controlling: boolean): void {
    this.#bases.push(base);
    for (const remote of this.#remotes) this.#pair(base, remote, controlling);
  }

  /** A candidate of the far end; one more for the same address, or over `MAX_REMOTE_CANDIDATES`, changes nothing. */
  addRemote(remote: IceCandidate, controlling: boolean): void {
    const known = this.#remotes.findIndex(
      (other) => sameAddress(other, remote) && other.tcpType === remote.tcpType,
    );
    if (known >= 0) this.#signalled(known, remote, controlling);
    else if (this.#remotes.length < MAX_REMOTE_CANDIDATES) {
      this.#remotes.push(remote);
      for (const base of this.#bases) this.#pair(base, remote, controlling);
    }
  }

  /** The pair that a check came over, made if need be: its sender may be a candidate that was not signalled (RFC 8445 section 7.3.1.3). */
  seen(
    socket: IceSocket,
    from: TransportAddress,
    priority: number,
    controlling: boolean,
  ): CandidatePair | undefined {
    const found = this.find(socket, from);
    if (found !== undefined) return found;
    const foundation = candidateFoundation('prflx', `${from.address} ${from.port}`);
    const kind = socket.tcpType === undefined ? UDP : socket.tcpType === 'active' ? TCP_PASSIVE : TCP_ACTIVE;
    this.addRemote({ ...from, ...kind, foundation, component: 1, priority, type: 'prflx' }, controlling);
    return this.find(socket, from);
  }

  find(socket: IceSocket, remote: TransportAddress): CandidatePair | undefined {
    return this.#pairs.find((pair) => pair.socket === socket && sameAddress(pair.remote, remote));
  }

  /** Our role has changed: priorities count the other way. */
  reorder(controlling: boolean): void {
    for (const pair of this.#pairs) pair.priority = pairPriority(pair.local, pair.remote, controlling);
    this.#sort();
  }

  /** What was seen by its check is now signalled, and has a type. */
  #signalled(at: number, remote: IceCandidate, controlling: boolean): void {
    const known = this.#remotes[at];
    if (known?.type !== 'prflx' || remote.type === 'prflx') return;
    this.#remotes[at] = remote;
    for (const pair of this.#pairs) if (pair.remote === known) pair.remote = remote;
    this.reorder(controlling);
  }

  #pair({ socket, candidate }: LocalBase, remote: IceCandidate, controlling: boolean): void {
    if (
      !canPair(candidate, remote) ||
      this.#pairs.length >= MAX_PAIRS ||
      this.find(socket, remote) !== undefined
    )
      return;
    this.#pairs.push(newPair(this.#pairId(), { socket, local: candidate, remote, controlling }));
    this.#sort();
  }

  #pairId(): string {
    return Buffer.from(this.#random(PAIR_ID_BYTES)).toString('hex');
  }

  #sort(): void {
    this.#pairs.sort((a, b) => b.priority - a.priority);
  }
}

const UDP = { protocol: 'udp' } as const;
const TCP_ACTIVE = { protocol: 'tcp', tcpType: 'active' } as const;
const TCP_PASSIVE = { protocol: 'tcp', tcpType: 'passive' } as const;

/**
 * RFC 8445 section 6.1.2.2 and RFC 6544 section 6.2: same family and transport; over TCP one dials the other. A passive
 * end pairs only with a peer that has dialed it, whose port no signal can tell.
 */
function canPair(local: IceCandidate, remote: IceCandidate): boolean {
  if (local.address.includes(':') !== remote.address.includes(':') || local.protocol !== remote.protocol)
    return false;
  if (local.protocol === 'udp') return true;
  if (local.tcpType === 'active') return remote.tcpType === 'passive';
  return remote.tcpType === 'active' && remote.type === 'prflx';
}
