import { FileAuthorizer, Identity } from '@ouro/fingerprint';
import { negotiate } from '@ouro/negotiation';
import { createPeer, type Peer, type PeerOptions } from '@ouro/peer';
import { type Clipboard, Session } from '@ouro/session/client';
import type { Signaler } from '@ouro/signaling';
import { dialWhip } from '@ouro/transport-whip/client';
import { parseConfig } from '../../src/config/parse.ts';
import { Agent } from '../../src/daemon/agent.ts';
import { createLogger } from '../../src/daemon/logger.ts';
import { type TestHome, testHome } from './home.ts';

/** An agent in this process, in a home of its own, on free ports, that keeps its log in memory. */
export interface TestAgent extends TestHome {
  readonly agent: Agent;
  readonly identity: Identity;
  /** The identity that may connect. */
  readonly friend: Identity;
  log(): string;
}

/** Starts one. @param toml more config, first of `[net]`; @param prepare what is put into its config directory */
export async function testAgent(
  toml = '',
  http = '127.0.0.1:0',
  prepare: (configDir: string) => Promise<void> = async () => {},
): Promise<TestAgent> {
  await using cleanup = new AsyncDisposableStack();
  const home = cleanup.use(await testHome());
  await prepare(home.paths.configDir);
  const [identity, friend] = await Promise.all([Identity.generate(), Identity.generate()]);
  await new FileAuthorizer(home.paths.authorized).add(friend.fingerprint, 'friend');
  const lines: string[] = [];
  const agent = cleanup.use(
    await Agent.start({
      supervised: false,
      paths: home.paths,
      config: parseConfig(`[net]\nhttp_server = "${http}"\n${toml}`, 'agent.toml').config,
      identity,
      version: '1.2.3',
      logger: createLogger('trace', { write: (line) => void lines.push(line) }),
      clock: Date,
      env: process.env,
    }),
  );
  const started = cleanup.move();
  return {
    ...home,
    agent,
    identity,
    friend,
    log: () => lines.join(''),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** A connected client. */
export interface TestClient extends AsyncDisposable {
  readonly peer: Peer;
  readonly session: Session;
}

/** Connects over a transport. @throws SignalingError */
export async function connectBy(
  signaler: Signaler,
  identity: Identity,
  options: { signal: AbortSignal; clipboard?: Clipboard; peer?: Partial<PeerOptions> },
): Promise<TestClient> {
  await using _signaler = signaler;
  const peer = await createPeer({ identity, iceServers: [], loopbackOnly: true, ...options.peer });
  try {
    const { clipboard, signal } = options;
    const session = await Session.open(peer, { signal, version: '9.9.9', ...(clipboard && { clipboard }) });
    await negotiate(peer, signaler, { role: 'offerer', signal });
    return {
      peer,
      session,
      [Symbol.asyncDispose]: async () => {
        await session.close();
        await peer[Symbol.asyncDispose]();
      },
    };
  } catch (thrown) {
    await peer[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Connects over HTTP. @throws SignalingError */
export const connectHttp = async (
  { agent }: TestAgent,
  identity: Identity,
  options: Parameters<typeof connectBy>[2] & { fetch?: typeof fetch },
): Promise<TestClient> =>
  connectBy(
    await dialWhip({ url: agent.address, ...(options.fetch && { fetch: options.fetch }) }, options),
    identity,
    options,
  );

/** All of a stream as text. */
export const textOf = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
