import { Identity } from '@ouro/fingerprint';
import { negotiate } from '@ouro/negotiation';
import { createPeer } from '@ouro/peer';
import { type Abortable, type Signaler, SignalingError, take } from '@ouro/signaling';
import { MemoryTransport } from '@ouro/signaling/memory';
import { expect, it } from 'vitest';
import { Timeline } from '../src/report/timeline.ts';
import { connect } from '../src/session/connect.ts';
import type { Dialed } from '../src/transport.ts';

type Dial = (options: Abortable) => Promise<Signaler>;

/** The first of several dials that finds the host; those that are still under way are cancelled, or closed if that is too late. */
async function firstOf(dials: readonly Dial[], { signal }: Abortable): Promise<Dialed> {
  const over = new AbortController();
  const options = { signal: AbortSignal.any([signal, over.signal]) };
  const dialing = dials.map((dial) => dial(options));
  const signaler = await Promise.any(dialing);
  over.abort();
  for (const other of await Promise.allSettled(dialing))
    if (other.status === 'fulfilled' && other.value !== signaler) await other.value.close();
  return { signaler, [Symbol.asyncDispose]: () => signaler.close() };
}

/** Answers the first that dials, as an agent does, on loopback. */
async function answerOn(transport: MemoryTransport, identity: Identity, options: Abortable) {
  const { signaler } = await take(transport.listener, options);
  const peer = await createPeer({ identity, iceServers: [], loopbackOnly: true });
  await negotiate(peer, signaler, { role: 'answerer', ...options, authorize: async () => {} });
  await signaler.close();
  return peer;
}

it('takes a dial in which several transports race for the host', async ({ signal }) => {
  const [identity, agent] = await Promise.all([Identity.generate(), Identity.generate()]);
  await using listening = new MemoryTransport();
  // Nobody takes what dials here.
  await using silent = new MemoryTransport();
  const refused: Dial = async () => {
    throw new SignalingError('refused', 'Nothing listens there');
  };
  const cancelled = Promise.withResolvers<unknown>();
  const waiting: Dial = async (options) => {
    try {
      return await silent.dial(options);
    } catch (thrown) {
      cancelled.resolve(thrown);
      throw thrown;
    }
  };
  const working: Dial = (options) => listening.dial(options);
  const connecting = connect({
    identity: Promise.resolve(identity),
    iceServers: Promise.resolve([]),
    version: '0.0.0',
    onIceServerError: () => undefined,
    local: true,
    isPlain: false,
    dial: () => firstOf([refused, waiting, working], { signal }),
    expected: async () => agent.fingerprint,
    timeline: new Timeline(
      () => 0,
      () => undefined,
    ),
    timeoutMs: 20_000,
    onReady: () => undefined,
    signal,
  });
  const [outcome, peer] = await Promise.all([connecting, answerOn(listening, agent, { signal })]);
  await using _peer = peer;
  await using _dialed = outcome.dialed;
  if (outcome.connection === undefined) throw outcome.failure;
  await using connection = outcome.connection;
  expect(connection.peer.connectionState).toBe('connected');
  expect(outcome.fingerprint.compact).toBe(agent.fingerprint.compact);
  expect(await cancelled.promise).toMatchObject({ code: 'aborted' });
});
