import { Fingerprint } from '@ouro/fingerprint/fingerprint';
import { type Negotiated, type NegotiatePhase, negotiate, restartIce } from '@ouro/negotiation';
import { Session, type SessionOptions } from '@ouro/session/client';
import type { Abortable, Signaler } from '@ouro/signaling';
import { dialWhip, type WhipSignaler } from '@ouro/transport-whip/client';
import { ownCertificate } from './certificate.ts';

/** How to connect. */
export interface ConnectOptions extends Abortable, Pick<SessionOptions, 'onResize'> {
  /** The agent's WHIP endpoint. */
  readonly url: string;
  /** Whether candidates may follow the offer. */
  readonly trickle: boolean;
  readonly onPhase: (phase: NegotiatePhase) => void;
}

/** A browser's own peer, connected with an agent. */
export interface Connection {
  readonly peer: RTCPeerConnection;
  readonly session: Session;
  readonly signaler: WhipSignaler;
  readonly negotiated: Negotiated;
}

/** Connects over WHIP with this page's certificate. @throws SignalingError, SessionError */
export async function connect({
  url,
  trickle,
  onPhase,
  signal,
  ...events
}: ConnectOptions): Promise<Connection> {
  const signaler = await dialWhip({ url }, { signal });
  const peer = new RTCPeerConnection({ certificates: [await ownCertificate()] });
  try {
    const session = await Session.open(peer, { signal, version: '0.0.0', ...events });
    const used = trickle ? signaler : withoutTrickle(signaler);
    const negotiated = await negotiate(peer, used, { role: 'offerer', signal, onPhase });
    await signaler.close();
    return { peer, session, signaler, negotiated };
  } catch (thrown) {
    peer.close();
    throw thrown;
  }
}

/** Ends all of it, on the agent too. */
export async function disconnect({ peer, session, signaler }: Connection): Promise<void> {
  // First: the agent forgets the WHIP session when the other one ends.
  await signaler.terminate({ signal: AbortSignal.timeout(5000) });
  await session.close();
  peer.close();
}

/** Looks for another path, over the transport that made the connection; the old one serves until then. @throws SignalingError */
export async function restart({ peer, signaler }: Connection, options: Abortable): Promise<void> {
  await restartIce(
    peer,
    async (sdp, exchange) => (await signaler.restart({ type: 'offer', sdp }, exchange)).sdp,
    options,
  );
}

/** The path in use: the protocol, and the ICE user name fragment of this end. */
export async function pathInUse({ peer }: Connection): Promise<Path> {
  const entries = new Map(await peer.getStats());
  const transport = [...entries.values()].find(({ type }) => type === 'transport');
  const pair = entries.get(transport?.selectedCandidatePairId);
  const local = entries.get(pair?.localCandidateId);
  return { protocol: local?.protocol, ufrag: local?.usernameFragment };
}

/** See `pathInUse`; undefined before there is one. */
export interface Path {
  readonly protocol: 'udp' | 'tcp' | undefined;
  readonly ufrag: string | undefined;
}

/** The fingerprint of this page's certificate. */
export async function ownFingerprint(): Promise<Fingerprint> {
  const [first] = (await ownCertificate()).getFingerprints();
  return Fingerprint.parse(`${first?.algorithm} ${first?.value}`);
}

/** The same transport for a client that says all in its offer. */
function withoutTrickle(signaler: WhipSignaler): Signaler {
  return {
    trickle: 'none',
    remote: signaler.remote,
    send: (signal, options) => signaler.send(signal, options),
    close: (reason) => signaler.close(reason),
    [Symbol.asyncIterator]: () => signaler[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: () => signaler[Symbol.asyncDispose](),
  };
}
