import { decodeStun, newTransactionId } from '@ouro/stun';
import { encodeCheck, encodeCheckAnswer, type IceCredentials } from '../../src/checks.ts';
import type { IcePort, IceSession } from '../../src/port/index.ts';

export { ManualClock, TcpFar, UdpFar, until } from '@ouro/test-kit';

export const HOST = '127.0.0.1';
/** The far end of every test. */
const FAR: IceCredentials = { ufrag: 'farFarFar', pwd: 'farPasswordOfTwentyTwo+' };

/** Credentials that no other test has. */
export function credentials(name: string): IceCredentials {
  return { ufrag: `ufrag${name}`, pwd: `passwordWithTwentyTwo+${name}` };
}

/** A session that answers each check and sends all else back. */
export function echoSession(port: IcePort, local: IceCredentials): IceSession {
  const session = port.register(local, (packet, remote, endpoint) => {
    const check = decodeStun(packet);
    const answer = check === undefined ? packet : encodeCheckAnswer(check.transactionId, remote, local);
    session.send(endpoint, remote, answer);
  });
  return session;
}

/** A connectivity check as a peer sends it to the session with these credentials. */
export function check(to: IceCredentials, transactionId = newTransactionId()): Buffer {
  const role = { controlling: true, tieBreaker: 7n, useCandidate: false, priority: 1 };
  return encodeCheck(transactionId, { local: FAR, remote: to, ...role });
}
