import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Abortable, IncomingQueue, SignalingError } from '@ouro/signaling';
import { LineSignaler } from './line-signaler.ts';

/** The conversations that clients open on a server's socket. Disposing it closes the server. */
export class TestListener extends IncomingQueue {
  readonly #server: Server;

  constructor(server: Server) {
    super();
    this.#server = server;
    server.on('connection', (socket) => this.#take(socket));
  }

  #take(socket: Socket): void {
    const signaler = new LineSignaler(socket);
    const { remote } = signaler;
    try {
      this.push({ signaler, remote, local: true });
    } catch (thrown) {
      // It never rejects.
      void signaler.close(SignalingError.from(thrown));
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await super[Symbol.asyncDispose]();
  }
}

/** Listens on `ouro-test.sock` in the runtime directory of the agent's environment. */
export async function listenTest(
  { env }: { readonly env: Readonly<Record<string, string | undefined>> },
  { signal }: Abortable,
): Promise<TestListener> {
  const server = createServer().listen(join(env.XDG_RUNTIME_DIR ?? '', 'ouro-test.sock'));
  await once(server, 'listening', { signal });
  return new TestListener(server);
}
