import { isIPv4 } from 'node:net';
import type { Clock, Runtime } from '@ouro/base';
import { decodeStun, decodeXorAddress, uint32Attribute } from '@ouro/stun';
import { SERVER_UNREACHABLE, type TurnServer } from '../ice-servers.ts';
import type { Family, ServerNames } from '../server-names.ts';
import type { IceSocket, OnDatagram } from '../socket.ts';
import { NEXT_FAMILY_MS, TRANSPORT_UDP, TURN_ATTRIBUTE, TURN_METHOD } from './constants.ts';
import { RelaySocket } from './relay-socket.ts';
import { type Refusal, TurnClient } from './turn-client.ts';
import { openWire } from './wire.ts';

export interface RelayOptions extends Runtime {
  readonly names: ServerNames;
  readonly onDatagram: OnDatagram;
  /** Ends the opening; a relay that is open is closed by its own `close`. */
  readonly signal: AbortSignal;
}

/**
 * An address on a TURN server that is ours until it is closed (RFC 8656). IPv4 is tried first, since the relayed address
 * is of that family. @returns why, if the server does not give one; never rejects
 */
export async function openRelay(server: TurnServer, options: RelayOptions): Promise<IceSocket | Refusal> {
  const { promise, resolve } = Promise.withResolvers<IceSocket | Refusal>();
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const first = openOver(server, 4, { ...options, signal });
  const second = afterwards(first, options.clock, signal).then(() =>
    openOver(server, 6, { ...options, signal }),
  );
  const take = (result: IceSocket | Refusal): void => {
    if (!('local' in result)) return;
    if (over.signal.aborted) result.close();
    else resolve(result);
    over.abort();
  };
  first.then(take);
  second.then(take);
  Promise.all([first, second]).then(([v4, v6]) => resolve(moreTelling(v4, v6)));
  return promise;
}

/** Resolves when the work has failed or takes longer than `NEXT_FAMILY_MS`. */
async function afterwards(
  work: Promise<IceSocket | Refusal>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const endTimer = clock.after(NEXT_FAMILY_MS, resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await Promise.race([promise, work]);
  endTimer();
}

/** Of two answers the one that is no mere silence. */
function moreTelling(a: IceSocket | Refusal, b: IceSocket | Refusal): IceSocket | Refusal {
  return 'local' in a || a.errorCode !== SERVER_UNREACHABLE || b === NO_ADDRESS ? a : b;
}

const NO_ADDRESS: Refusal = { errorCode: SERVER_UNREACHABLE, errorText: 'its name has no address' };

async function openOver(
  server: TurnServer,
  family: Family,
  options: RelayOptions,
): Promise<IceSocket | Refusal> {
  if (options.signal.aborted) return NO_ADDRESS;
  const address = await options.names.address(server.host, family);
  if (address === undefined) return NO_ADDRESS;
  try {
    return await openAt(server, address, options);
  } catch (error) {
    return { errorCode: SERVER_UNREACHABLE, errorText: reasonOf(error) };
  }
}

/** The system's word for it; its messages may hold what a server has said. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error
    ? `it cannot be reached (${error.code})`
    : 'it does not answer';
}

async function openAt(
  server: TurnServer,
  address: string,
  { clock, random, onDatagram, signal }: RelayOptions,
): Promise<IceSocket | Refusal> {
  let receive: (message: Buffer) => void = () => {};
  const wire = await openWire(server, address, { onMessage: (message) => receive(message), signal });
  const client = new TurnClient(server, wire, { clock, random });
  receive = (message) => {
    const read = decodeStun(message);
    if (read !== undefined) client.receive(read);
  };
  const stop = (): void => client.stop();
  signal.addEventListener('abort', stop, { once: true });
  const answer = await client.request(TURN_METHOD.allocate, [
    uint32Attribute(TURN_ATTRIBUTE.requestedTransport, TRANSPORT_UDP),
  ]);
  signal.removeEventListener('abort', stop);
  const refusal = 'errorCode' in answer ? answer : undefined;
  const local =
    'attributes' in answer
      ? decodeXorAddress(answer.attributes.get(TURN_ATTRIBUTE.xorRelayedAddress), answer.transactionId)
      : undefined;
  // What was not asked for, an IPv6 relay, is not understood either.
  if (!('attributes' in answer) || local === undefined || !isIPv4(local.address)) {
    if (signal.aborted) client.deallocate();
    wire.socket.close();
    return refusal ?? { errorCode: SERVER_UNREACHABLE, errorText: 'its answer holds no address' };
  }
  const socket = new RelaySocket({ clock, server, local, answer, wire, client, onDatagram });
  receive = (message) => socket.receive(message);
  // Nobody waits for it any more.
  if (signal.aborted) socket.close();
  return socket;
}
