import type { Random } from '@ouro/base';
import type { DtlsRole } from '@ouro/dtls';
import { type Fingerprint, fingerprintFromSdp } from '@ouro/fingerprint/fingerprint';
import {
  formatCandidate,
  type IceAgent,
  type IceCandidate,
  type IceTransport,
  MAX_RETIRED_UFRAGS,
  parseCandidate,
} from '@ouro/ice';
import type { CandidateInit, Description, DescriptionInit, SignalingState } from '@ouro/webrtc-types';
import {
  formatDescription,
  OFFERED_MID,
  parseDescription,
  type RemoteDescription,
  type Setup,
} from './sdp/index.ts';

export interface DescriptionsOptions {
  readonly random: Random;
  readonly ice: IceTransport;
  readonly fingerprint: Fingerprint;
  /** Our role in DTLS, once agreed on: a new description must not change it (RFC 8842 section 5.5). */
  readonly role: () => DtlsRole | undefined;
}

interface Local {
  readonly type: 'offer' | 'answer';
  readonly setup: Setup;
  readonly generation: IceAgent;
  readonly version: number;
}

/** What the far end has described. */
export interface Remote {
  readonly description: Description;
  readonly parsed: RemoteDescription;
  readonly fingerprint: Fingerprint;
  readonly generation: IceAgent;
}

interface Both {
  readonly local: Local | undefined;
  readonly remote: Remote | undefined;
  readonly template: RemoteDescription | undefined;
}

/**
 * The local and the remote description (RFC 8829 section 3.5.1): those in use, those that are being negotiated, and
 * which ICE generation each speaks of. Reads and writes SDP, and starts nothing.
 */
export class Descriptions {
  readonly #options: DescriptionsOptions;
  readonly #sessionId: string;
  readonly #retired = new Set<string>();
  #state: SignalingState = 'stable';
  #local: Local | undefined;
  #remote: Remote | undefined;
  #stable: Both = { local: undefined, remote: undefined, template: undefined };
  #prepared: IceAgent | undefined;
  #restartWanted = false;
  readonly #gathered = new WeakSet<IceAgent>();
  /** The far end's newest offer: its sections are those of all descriptions. */
  #template: RemoteDescription | undefined;

  constructor(options: DescriptionsOptions) {
    this.#options = options;
    this.#sessionId = (Buffer.from(options.random(8)).readBigUInt64BE(0) >> 1n).toString();
  }

  get signalingState(): SignalingState {
    return this.#state;
  }

  get localType(): 'offer' | 'answer' | undefined {
    return this.#local?.type;
  }

  get localSetup(): Setup | undefined {
    return this.#local?.setup;
  }

  get remote(): Remote | undefined {
    return this.#remote;
  }

  /** The generation that the newest local description speaks of. */
  get generation(): IceAgent {
    return this.#local?.generation ?? this.#options.ice.current;
  }

  /** All candidates of a generation are known. */
  gathered(generation: IceAgent): void {
    this.#gathered.add(generation);
  }

  /** With the candidates found so far. */
  get localDescription(): Description | null {
    const local = this.#local;
    return local === undefined
      ? null
      : { type: local.type, sdp: this.#format(local.setup, local.generation, local.version) };
  }

  /** The next offer has new ICE credentials. */
  restartIce(): void {
    if (this.#local !== undefined) this.#restartWanted = true;
  }

  createOffer({ iceRestart = false } = {}): DescriptionInit {
    const restart = this.#local !== undefined && (iceRestart || this.#restartWanted);
    if (restart) this.#prepared = this.#options.ice.prepare();
    return { type: 'offer', sdp: this.#format('actpass', this.#prepared ?? this.generation) };
  }

  /** @throws DOMException `InvalidStateError` without an offer of the far end */
  createAnswer(): DescriptionInit {
    return { type: 'answer', sdp: this.#format(this.#answerSetup(), this.#answering.generation) };
  }

  /** @returns the generation it speaks of @throws DOMException `InvalidStateError` */
  setLocal(type: 'offer' | 'answer', sdp?: string): IceAgent {
    const expected = type === 'offer' ? 'stable' : 'have-remote-offer';
    if (this.#state !== expected) throw wrongState(`A local ${type} is not expected in this state`);
    const generation = type === 'offer' ? this.#offered(sdp) : this.#answering.generation;
    const setup = type === 'offer' ? 'actpass' : this.#answerSetup();
    const version = (this.#local?.version ?? 0) + 1;
    if (this.#stable.local !== undefined) this.#options.ice.adopt(generation);
    this.#local = { type, setup, generation, version };
    if (type === 'offer') this.#state = 'have-local-offer';
    else this.#settle();
    return generation;
  }

  /** @throws DOMException `InvalidStateError` if none is expected, `OperationError` if it cannot be used */
  setRemote(type: 'offer' | 'answer', sdp: string): void {
    const expected = type === 'answer' ? 'have-local-offer' : 'stable';
    if (this.#state !== expected) throw wrongState(`An ${type} is not expected in this state`);
    const parsed = parseDescription(sdp);
    if (type === 'answer' && parsed.setup === 'actpass')
      throw unusable('The answer leaves the DTLS roles open');
    const candidates = parsed.candidates.map(parseCandidate);
    const fingerprint = fingerprintFromSdp(sdp);
    const restart = this.#isRestart(parsed, fingerprint);
    const generation = type === 'offer' ? this.#offeredTo(restart) : this.#answered(restart);
    this.#remote = { description: { type, sdp }, parsed, fingerprint, generation };
    if (type === 'offer') this.#template = parsed;
    for (const candidate of candidates)
      if (!('unusable' in candidate)) generation.addRemoteCandidate(candidate);
    if (type === 'offer') this.#state = 'have-remote-offer';
    else this.#settle();
  }

  /** Goes back to the descriptions in use (RFC 8829 section 4.1.10.2). @throws DOMException `InvalidStateError` */
  rollback(from: 'have-local-offer' | 'have-remote-offer'): void {
    if (this.#state !== from) throw wrongState('There is nothing to roll back');
    const pending = from === 'have-local-offer' ? this.#local?.generation : this.#remote?.generation;
    ({ local: this.#local, remote: this.#remote, template: this.#template } = this.#stable);
    if (pending !== this.generation) this.#options.ice.abandon();
    this.#state = 'stable';
  }

  close(): void {
    this.#state = 'closed';
  }

  /**
   * Takes one candidate of the far end; late ones of an older generation are passed over (RFC 8838 section 11).
   * @throws DOMException `InvalidStateError`, `OperationError`; TypeError without a section
   */
  addCandidate({
    candidate = '',
    sdpMid = null,
    sdpMLineIndex = null,
    usernameFragment = null,
  }: CandidateInit): void {
    const remote = this.#remote;
    if (remote === undefined) throw wrongState('There is no remote description');
    const { parsed, generation } = remote;
    if (usernameFragment !== null && usernameFragment !== parsed.ufrag) {
      if (this.#retired.has(usernameFragment)) return;
      throw unusable('The candidate is of another generation');
    }
    if (candidate === '') return;
    if (!isOurSection(parsed, sdpMid, sdpMLineIndex)) return;
    const read = parseCandidate(candidate);
    if (!('unusable' in read)) generation.addRemoteCandidate(read);
  }

  /** A candidate of ours as it is signalled. */
  toInit(candidate: IceCandidate, { local: { ufrag } }: IceAgent) {
    const offer = this.#template;
    return {
      candidate: formatCandidate(candidate, ufrag),
      sdpMid: offer ? (offer.mid ?? null) : OFFERED_MID,
      sdpMLineIndex: offer?.mLineIndex ?? 0,
      usernameFragment: ufrag,
    };
  }

  get #answering(): Remote {
    if (this.#state === 'have-remote-offer' && this.#remote !== undefined) return this.#remote;
    throw wrongState('There is no offer to answer');
  }

  #answerSetup(): Setup {
    const role = this.#options.role();
    if (role !== undefined) return role === 'client' ? 'active' : 'passive';
    return this.#answering.parsed.setup === 'active' ? 'passive' : 'active';
  }

  /** The generation of the offer that is to be set: the prepared one, if the offer is of that. */
  #offered(sdp: string | undefined): IceAgent {
    const wanted = this.#prepared ?? (this.#restartWanted ? this.#options.ice.prepare() : undefined);
    this.#prepared = undefined;
    if (wanted === undefined || (sdp !== undefined && !sdp.includes(`a=ice-ufrag:${wanted.local.ufrag}\r\n`)))
      return this.generation;
    this.#restartWanted = false;
    return wanted;
  }

  /** @throws DOMException `OperationError` for what no restart may change (RFC 8839 section 4.4.1.1.1, RFC 8842) */
  #isRestart(parsed: RemoteDescription, fingerprint: Fingerprint): boolean {
    const before = this.#remote;
    if (before === undefined) return false;
    if (!before.fingerprint.equals(fingerprint)) throw unusable('The certificate cannot change');
    if (before.parsed.mLineIndex !== parsed.mLineIndex) throw unusable('Its sections have changed');
    const role = this.#options.role();
    if (
      parsed.setup !== 'actpass' &&
      role !== undefined &&
      (parsed.setup === 'passive') !== (role === 'client')
    )
      throw unusable('The DTLS roles cannot change');
    const ufrag = before.parsed.ufrag !== parsed.ufrag;
    if (ufrag !== (before.parsed.pwd !== parsed.pwd))
      throw unusable('An ICE restart changes the ufrag and the password');
    return ufrag;
  }

  #offeredTo(restart: boolean): IceAgent {
    if (!restart) return this.generation;
    const generation = this.#options.ice.prepare();
    this.#options.ice.adopt(generation);
    return generation;
  }

  #answered(restart: boolean): IceAgent {
    const asked = this.#stable.local !== undefined && this.generation !== this.#stable.local.generation;
    if (asked !== restart) throw unusable(restart ? 'It restarts ICE unasked' : 'It does not restart ICE');
    return this.generation;
  }

  #settle(): void {
    const before = this.#stable.remote?.parsed.ufrag;
    if (before !== undefined && before !== this.#remote?.parsed.ufrag) {
      this.#retired.add(before);
      const [oldest] = this.#retired;
      if (this.#retired.size > MAX_RETIRED_UFRAGS && oldest !== undefined) this.#retired.delete(oldest);
    }
    this.#stable = { local: this.#local, remote: this.#remote, template: this.#template };
    this.#state = 'stable';
  }

  #format(setup: Setup, generation: IceAgent, version = (this.#local?.version ?? 0) + 1): string {
    const offer = this.#template;
    const { local, localCandidates } = generation;
    return formatDescription({
      ...local,
      sessionId: this.#sessionId,
      version,
      fingerprint: this.#options.fingerprint.sdp,
      setup,
      mid: offer ? offer.mid : OFFERED_MID,
      bundled: offer?.bundled ?? true,
      candidates: localCandidates.map((candidate) => formatCandidate(candidate, local.ufrag)),
      endOfCandidates: this.#gathered.has(generation),
      ...(offer ? { answered: offer } : {}),
    });
  }
}

/** Whether a candidate belongs to the data channel section; those of sections that we reject are dropped. */
function isOurSection(parsed: RemoteDescription, mid: string | null, index: number | null): boolean {
  if (mid === null && index === null) throw new TypeError('The candidate names no section');
  const at = mid === null ? index : parsed.sections.findIndex((section) => section.mid === mid);
  if (at === null || parsed.sections[at] === undefined)
    throw unusable('The candidate names a section that the description does not have');
  return at === parsed.mLineIndex;
}

function wrongState(message: string): DOMException {
  return new DOMException(message, 'InvalidStateError');
}

function unusable(message: string): DOMException {
  return new DOMException(message, 'OperationError');
}
