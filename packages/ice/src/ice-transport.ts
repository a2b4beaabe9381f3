import type { Runtime, RuntimeOptions } from '@ouro/base';
import { runtimeOf } from '@ouro/base/node';
import { IceAgent } from './agent.ts';
import type { IceAgentOptions, IceState } from './agent-options.ts';
import type { IceCandidate } from './candidate.ts';
import { LINGER_MS, MAX_LINGERING, SILENT_PATH_MS } from './constants.ts';
import type { CandidatePair } from './pair.ts';
import type { IceSocketSource } from './socket.ts';

/** What a transport is given: as its agents, and who hears of their states and paths. */
export interface IceTransportOptions
  extends RuntimeOptions,
    Pick<IceAgentOptions, 'servers' | 'consentTimeoutMs' | 'onData' | 'onServerError'> {
  /** Asked for each generation: this machine's addresses may have changed. */
  readonly sources: () => readonly IceSocketSource[];
  readonly onCandidate: (candidate: IceCandidate, generation: IceAgent) => void;
  readonly onState: (state: IceState) => void;
  /** A path, or another one, is in use. `silent`: nothing came over the one before for a while. */
  readonly onSelected: (pair: CandidatePair, path: { readonly silent: boolean }) => void;
}

interface Lingering {
  readonly agent: IceAgent;
  readonly endTimer: () => void;
}

/**
 * The generations of one ICE transport (RFC 8445 section 9): one that carries, and, while ICE restarts, the next one.
 * The path in use stays in use until the next generation has one; a next one that finds none changes nothing.
 */
export class IceTransport {
  readonly #options: IceTransportOptions;
  readonly #runtime: Runtime;
  #current: IceAgent;
  #next: IceAgent | undefined;
  #lingering: Lingering[] = [];
  #reported: IceState = 'new';
  #sentBefore = 0;
  #receivedBefore = 0;

  constructor(options: IceTransportOptions) {
    this.#options = options;
    this.#runtime = runtimeOf(options);
    this.#current = this.#make();
  }

  /** The generation that carries data, or the first one that is to. */
  get current(): IceAgent {
    return this.#current;
  }

  /** W3C `RTCIceTransportState`: a restart shows only when the path in use does not work. */
  get state(): IceState {
    const { state } = this.#current;
    const broken = state === 'disconnected' || state === 'failed';
    return broken && this.#next?.state === 'checking' ? 'checking' : state;
  }

  get controlling(): boolean {
    return this.#current.controlling;
  }

  get selected(): CandidatePair | undefined {
    return this.#current.selected;
  }

  /** Bytes of all paths that were in use, without those of ICE itself. */
  get bytes(): { readonly sent: number; readonly received: number } {
    const now = bytesOf(this.#current);
    return { sent: this.#sentBefore + now.sent, received: this.#receivedBefore + now.received };
  }

  /** A generation with credentials of its own, in the role that was settled (RFC 8445 section 6.1.1). Nothing is opened. */
  prepare(): IceAgent {
    return this.#make(this.controlling);
  }

  /** Makes a prepared generation the next one; one that was next is closed. */
  adopt(generation: IceAgent): void {
    if (generation === this.#current || generation === this.#next) return;
    this.#next?.close();
    this.#next = generation;
  }

  /** Closes the next generation, if there is one: the restart is called off. */
  abandon(): void {
    this.#next?.close();
    this.#next = undefined;
    this.#report();
  }

  /** Sends a datagram over the path in use, if there is one. */
  send(datagram: Buffer): void {
    this.#current.send(datagram);
  }

  /** Closes every socket and ends every timer. Twice is once. */
  close(): void {
    for (const one of this.#lingering.splice(0)) end(one);
    this.#next?.close();
    this.#next = undefined;
    this.#current.close();
  }

  #make(controlling = false): IceAgent {
    const { servers, consentTimeoutMs, sources, onData, onCandidate, onServerError } = this.#options;
    const agent: IceAgent = new IceAgent({
      ...this.#runtime,
      servers,
      sources: sources(),
      ...(consentTimeoutMs === undefined ? {} : { consentTimeoutMs }),
      ...(onServerError === undefined ? {} : { onServerError }),
      onData,
      onCandidate: (candidate) => onCandidate(candidate, agent),
      onState: (state) => this.#changed(agent, state),
      onSelected: (pair) => this.#selected(agent, pair),
    });
    agent.setRole(controlling);
    return agent;
  }

  #changed(agent: IceAgent, state: IceState): void {
    if (agent === this.#next && state === 'failed') this.abandon();
    else this.#report();
  }

  #report(): void {
    const { state } = this;
    if (state === this.#reported) return;
    this.#reported = state;
    this.#options.onState(state);
  }

  #selected(agent: IceAgent, pair: CandidatePair): void {
    const silent = this.#current.selected !== undefined && this.#current.silentMs > SILENT_PATH_MS;
    if (agent === this.#next) this.#promote(agent);
    if (agent === this.#current) this.#options.onSelected(pair, { silent });
  }

  #promote(agent: IceAgent): void {
    const before = this.#current;
    const { sent, received } = bytesOf(before);
    this.#sentBefore += sent;
    this.#receivedBefore += received;
    this.#current = agent;
    this.#next = undefined;
    before.rest();
    const endTimer = this.#runtime.clock.after(LINGER_MS, () => this.#expire(one));
    const one: Lingering = { agent: before, endTimer };
    this.#lingering.push(one);
    if (this.#lingering.length <= MAX_LINGERING) return;
    const oldest = this.#lingering.shift();
    if (oldest !== undefined) end(oldest);
  }

  #expire(one: Lingering): void {
    this.#lingering = this.#lingering.filter((other) => other !== one);
    end(one);
  }
}

function end({ agent, endTimer }: Lingering): void {
  endTimer();
  agent.close();
}

function bytesOf({ pairs }: IceAgent): { sent: number; received: number } {
  let sent = 0;
  let received = 0;
  for (const { bytesSent, bytesReceived } of pairs) {
    sent += bytesSent;
    received += bytesReceived;
  }
  return { sent, received };
}
