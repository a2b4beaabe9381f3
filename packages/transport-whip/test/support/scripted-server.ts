import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** One request as it came. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Replies to one request; may wait before it does. */
export type Script = (request: Recorded, response: ServerResponse) => void | Promise<void>;

/** An HTTP server that says what a test wants and remembers what it was told. */
export class ScriptedServer implements AsyncDisposable {
  readonly requests: Recorded[] = [];
  readonly url: string;
  readonly #server: Server;
  #waiting: { count: number; resolve: () => void }[] = [];

  private constructor(server: Server, url: string, requests: Recorded[]) {
    this.#server = server;
    this.url = url;
    this.requests = requests;
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const requests: Recorded[] = [];
    const server = createServer((request, response) => {
      const { method = '', url: path = '', headers } = request;
      text(request)
        .then(async (body) => {
          const recorded = { method, path, headers, body };
          requests.push(recorded);
          self.#wake();
          await script(recorded, response);
        })
        .catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const self = new ScriptedServer(server, `http://127.0.0.1:${address.port}`, requests);
    return self;
  }

  /** The requests with this method. */
  of(method: string): Recorded[] {
    return this.requests.filter((request) => request.method === method);
  }

  /** Resolves when so many requests have come in all. */
  received(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
      this.#wake();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ count }) => this.requests.length >= count);
    this.#waiting = this.#waiting.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  }
}
