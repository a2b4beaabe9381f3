import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { bundlePages, type PageFile } from './bundle.ts';

/** Serves the pages on a free port of the loopback address, which browsers count as secure. Ended on dispose. */
export class PageServer implements AsyncDisposable {
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server, origin: string) {
    this.#server = server;
    this.origin = origin;
  }

  static async start(): Promise<PageServer> {
    const files = await bundlePages();
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://page.invalid');
      const file: PageFile | undefined = files.get(pathname);
      response.statusCode = file === undefined ? 404 : 200;
      if (file !== undefined) response.setHeader('content-type', `${file.type}; charset=utf-8`);
      response.end(file?.body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new PageServer(server, `http://127.0.0.1:${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
