import { Deadline, nextEvent } from '@ouro/base';
import { type Abortable, SignalingError } from '@ouro/signaling';
import type { PeerConnectionLike } from '@ouro/webrtc-types';
import { announcedFingerprint, mismatch } from './certificate.ts';
import { GATHER_TIMEOUT_MS, RESTART_TIMEOUT_MS } from './constants.ts';
import { gathered } from './gather.ts';
import { NewPath, tellsPath } from './new-path.ts';

/** How long an ICE restart may take. */
export interface RestartOptions extends Abortable {
  /** Milliseconds for all of it, to a path that works; default `RESTART_TIMEOUT_MS`. */
  timeoutMs?: number;
  /** Milliseconds; see `GATHER_TIMEOUT_MS`, its default. */
  gatherTimeoutMs?: number;
}

/** Brings an offer (SDP with all candidates) to the far end, and back its answer (likewise). */
export type ExchangeRestart = (offer: string, options: Abortable) => Promise<string>;

/**
 * Restarts ICE of a connected peer from this end (RFC 8445 section 9), and resolves when another path is in use. The old
 * path serves until then, and on if this fails; DTLS and the data channels notice nothing.
 * @throws SignalingError `ice-failed` without an address or a path, `fingerprint-mismatch` when the answer is of somebody
 * else, `bad-sdp`, `timeout`, `aborted`, and what `exchange` throws
 */
export async function restartIce(
  peer: PeerConnectionLike,
  exchange: ExchangeRestart,
  options: RestartOptions,
): Promise<void> {
  using deadline = new Deadline(options.signal, options.timeoutMs ?? RESTART_TIMEOUT_MS);
  using path = new NewPath(peer);
  try {
    deadline.signal.throwIfAborted();
    await offerRestart(peer, exchange, { ...options, signal: deadline.signal });
    await path.found(deadline);
  } catch (thrown) {
    await takeBack(peer);
    if (deadline.expired) throw tookTooLong(thrown);
    throw SignalingError.from(thrown);
  }
}

/**
 * Answers the far end's offer to restart ICE. @returns the answer, with all candidates; checks are under way
 * @throws SignalingError `fingerprint-mismatch` when the offer is of somebody else, `bad-sdp`, `aborted`; the peer is then
 * as it was
 */
export async function answerRestart(
  peer: PeerConnectionLike,
  offer: string,
  { signal, gatherTimeoutMs = GATHER_TIMEOUT_MS }: Omit<RestartOptions, 'timeoutMs'>,
): Promise<string> {
  try {
    signal.throwIfAborted();
    checkSame(peer, offer);
    await described(peer, 'offer', offer);
    await peer.setLocalDescription(await peer.createAnswer());
    await allCandidates(peer, { signal, gatherTimeoutMs });
    return ownDescription(peer);
  } catch (thrown) {
    await takeBack(peer);
    throw SignalingError.from(thrown);
  }
}

async function offerRestart(
  peer: PeerConnectionLike,
  exchange: ExchangeRestart,
  { signal, gatherTimeoutMs = GATHER_TIMEOUT_MS }: RestartOptions,
): Promise<void> {
  await takeBack(peer);
  await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
  await allCandidates(peer, { signal, gatherTimeoutMs });
  const offer = ownDescription(peer);
  // A browser may keep its addresses to itself: the far end learns them from its checks (RFC 8445 section 7.3.1.3).
  if (tellsPath(peer) && !offer.includes(CANDIDATE)) {
    throw new SignalingError('ice-failed', 'This machine has no network address now; check its network');
  }
  const answer = await exchange(offer, { signal });
  signal.throwIfAborted();
  checkSame(peer, answer);
  await described(peer, 'answer', answer);
}

const CANDIDATE = '\r\na=candidate:';

/** A browser says that gathering is complete, of the generation before, until its event says otherwise. */
async function allCandidates(
  peer: PeerConnectionLike,
  { signal, gatherTimeoutMs }: Abortable & { gatherTimeoutMs: number },
): Promise<void> {
  if (!ownDescription(peer).includes(CANDIDATE)) await firstCandidate(peer, { signal, gatherTimeoutMs });
  await gathered(peer, { timeoutMs: gatherTimeoutMs, signal });
}

async function firstCandidate(
  peer: PeerConnectionLike,
  { signal, gatherTimeoutMs }: Abortable & { gatherTimeoutMs: number },
): Promise<void> {
  using soon = new Deadline(signal, gatherTimeoutMs);
  await nextEvent(peer, 'icecandidate', soon).catch(ignore);
  signal.throwIfAborted();
}

function ownDescription({ localDescription }: PeerConnectionLike): string {
  if (localDescription !== null) return localDescription.sdp;
  throw new SignalingError('invalid-state', 'This peer was never connected; connect it first');
}

/** A restart is of the same connection: who is at the far end cannot change. @throws SignalingError */
function checkSame(peer: PeerConnectionLike, sdp: string): void {
  const known = announcedFingerprint(peer.remoteDescription?.sdp ?? '');
  const announced = announcedFingerprint(sdp);
  if (announced.equals(known)) return;
  throw mismatch(`The restart was described by ${announced}, but the connection is with ${known}`);
}

async function described(peer: PeerConnectionLike, type: 'offer' | 'answer', sdp: string): Promise<void> {
  await peer.setRemoteDescription({ type, sdp }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : 'It cannot be used';
    throw new SignalingError('bad-sdp', `The ${type} to restart was refused: ${why}`, { cause });
  });
}

/** Drops descriptions that were begun. */
async function takeBack(peer: PeerConnectionLike): Promise<void> {
  const rollback = { type: 'rollback' } as const;
  if (peer.signalingState === 'have-local-offer') await peer.setLocalDescription(rollback).catch(ignore);
  if (peer.signalingState === 'have-remote-offer') await peer.setRemoteDescription(rollback).catch(ignore);
}

/** It was closed meanwhile, or its time is over: what comes next says it. */
function ignore(): void {}

function tookTooLong(cause: unknown): SignalingError {
  return new SignalingError('timeout', 'No other path was found in time; try again', { cause });
}
