import { connect } from 'node:net';
import type { Abortable } from '@ouro/signaling';
import type { HttpExchange, HttpMessage } from '@ouro/transport-whip/client';
import { decodeReply, type HttpReply } from './reply.ts';

const DEFAULT_HTTP_PORT = 80;

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** The request as it goes out; undefined when a field could not be one line. */
function encode({ method, url, headers, body }: HttpMessage): Buffer | undefined {
  const fields = Object.entries({
    host: url.host,
    connection: 'close',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  });
  if (fields.some(([name, value]) => /[^\x21-\x7e]|:/.test(name) || /[^\t\x20-\x7e]/.test(value)))
    return undefined;
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n${body}`);
}

function roundTrip(url: URL, request: Buffer, { signal }: Abortable): Promise<HttpReply> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(url.port) || DEFAULT_HTTP_PORT, noDelay: true });
    let received: Buffer = Buffer.alloc(0);
    const finish = (act: () => void) => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      act();
    };
    const abort = () => finish(() => reject(signal.reason));
    const look = (ended: boolean) => {
      try {
        const reply = decodeReply(received, ended);
        if (reply !== undefined) finish(() => resolve(reply));
      } catch (error) {
        finish(() => reject(error));
      }
    };
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      look(false);
    });
    socket.on('end', () => look(true));
    socket.on('error', (error) => finish(() => reject(error)));
    socket.write(request);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

/**
 * The few small requests of a connection's start, over plain HTTP. The built-in `fetch` takes longer to get ready
 * than such an exchange takes, and a person waits for it. Redirects and https are left to it.
 */
export const httpExchange: HttpExchange = async (message, options) => {
  const request = message.url.protocol === 'http:' ? encode(message) : undefined;
  if (request === undefined) return undefined;
  const { status, headers, body } = await roundTrip(message.url, request, options);
  if (isRedirect(status)) return undefined;
  return { status, headers, text: new TextDecoder().decode(body) };
};
