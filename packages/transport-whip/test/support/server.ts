import { type Authorizer, UnauthorizedError } from '@ouro/fingerprint';
import { type Signaler, SignalQueue } from '@ouro/signaling';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import {
  type WhipServerOptions,
  type WhipSessionContext,
  WhipSessions,
  whipServer,
} from '../../src/server/index.ts';
import { answerSdp, FINGERPRINT } from './sdp.ts';

/** Lets in the one fingerprint of the tests' offers. */
const onlyTheTests: Authorizer = {
  async authorize({ fingerprint }) {
    if (fingerprint?.compact !== FINGERPRINT) throw new UnauthorizedError(fingerprint);
    return { label: 'laptop' };
  },
};

/** One session as the host got it. */
export interface Accepted {
  readonly signaler: Signaler;
  readonly context: WhipSessionContext;
}

/** A real HTTP server on a free port of the loopback address. */
export class TestServer implements AsyncDisposable {
  readonly url: string;
  readonly fastify: FastifyInstance;
  readonly sessions: WhipSessions;
  /** The sessions handed to the host, when no `onSession` was given. */
  readonly accepted: SignalQueue<Accepted>;
  readonly #reader: AsyncIterator<Accepted>;

  private constructor(
    url: string,
    fastify: FastifyInstance,
    sessions: WhipSessions,
    accepted: SignalQueue<Accepted>,
  ) {
    this.url = url;
    this.fastify = fastify;
    this.sessions = sessions;
    this.accepted = accepted;
    this.#reader = accepted[Symbol.asyncIterator]();
  }

  /** Unless told otherwise it answers every offer at once. */
  static async start(
    options: Partial<WhipServerOptions> = {},
    http: FastifyServerOptions = {},
  ): Promise<TestServer> {
    const fastify: FastifyInstance = Fastify(http);
    const sessions = new WhipSessions();
    const accepted = new SignalQueue<Accepted>({ capacity: 10_000 });
    const onSession: WhipServerOptions['onSession'] = async (signaler, context) => {
      accepted.push({ signaler, context });
      await signaler.send({ type: 'answer', sdp: answerSdp() }, { signal: context.session.ended });
    };
    await fastify.register(whipServer, { authorizer: onlyTheTests, onSession, sessions, ...options });
    const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
    return new TestServer(url, fastify, sessions, accepted);
  }

  get offerUrl(): string {
    return `${this.url}/offer`;
  }

  /** The next session. */
  async next(): Promise<Accepted> {
    const { value } = await this.#reader.next();
    if (value === undefined) throw new Error('no more sessions');
    return value;
  }

  /** POSTs an offer. */
  post(body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.offerUrl, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/sdp', ...headers },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sessions.endAll();
    this.fastify.server.closeAllConnections();
    await this.fastify.close();
  }
}
