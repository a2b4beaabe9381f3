import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { SignalingError } from '@ouro/signaling';
import type { HttpMessage } from '@ouro/transport-whip/client';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { MAX_HTTP_REPLY_BYTES } from '../src/constants.ts';
import { httpExchange } from '../src/http/http-exchange.ts';
import { decodeReply } from '../src/http/reply.ts';

const text = (body: Uint8Array) => Buffer.from(body).toString();

/** The reply, fed in two parts at every place; checks that only the last part makes it whole. */
function decodeEverywhere(wire: string) {
  const bytes = Buffer.from(wire, 'latin1');
  for (let at = 0; at < bytes.length; at += 1)
    expect(decodeReply(bytes.subarray(0, at), false)).toBeUndefined();
  return decodeReply(bytes, false);
}

describe('an HTTP reply', () => {
  it('is whole with the last byte of its length', () => {
    const reply = decodeEverywhere(
      'HTTP/1.1 201 Created\r\nLocation: /candidates/1\r\nContent-Length: 4\r\n\r\nv=0\n',
    );
    expect(reply?.status).toBe(201);
    expect(reply?.headers.get('location')).toBe('/candidates/1');
    expect(text(reply?.body ?? new Uint8Array())).toBe('v=0\n');
  });

  it('may come in chunks', () => {
    const reply = decodeEverywhere(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n',
    );
    expect(text(reply?.body ?? new Uint8Array())).toBe('abc0123456789');
  });

  it('may have no body, or one that ends with the connection', () => {
    expect(decodeEverywhere('HTTP/1.1 204 No Content\r\n\r\n')?.body).toHaveLength(0);
    const open = Buffer.from('HTTP/1.0 200 OK\r\n\r\nrest');
    expect(decodeReply(open, false)).toBeUndefined();
    expect(text(decodeReply(open, true)?.body ?? new Uint8Array())).toBe('rest');
  });

  it('comes after interim ones', () => {
    expect(decodeEverywhere('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 x\r\n\r\n')?.status).toBe(204);
  });

  test.each([
    'SSH-2.0-OpenSSH_9.2\r\n\r\n',
    'HTTP/1.1 99 x\r\n\r\n',
    'HTTP/2 200\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\n folded: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxxx',
  ])('like %j is refused', (wire) => {
    expect(() => decodeReply(Buffer.from(wire), false)).toThrow(
      expect.objectContaining({ code: 'bad-message' }),
    );
  });

  it('that is cut off is lost', () => {
    const cut = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx');
    expect(() => decodeReply(cut, true)).toThrow(expect.objectContaining({ code: 'lost' }));
  });

  it('has a largest size', () => {
    const head = 'HTTP/1.1 200 OK\r\n\r\n';
    const fits = Buffer.from(head.padEnd(MAX_HTTP_REPLY_BYTES, 'x'));
    expect(decodeReply(fits, true)?.status).toBe(200);
    expect(() => decodeReply(Buffer.concat([fits, Buffer.of(1)]), false)).toThrow(
      expect.objectContaining({ code: 'oversize' }),
    );
  });

  it('of any bytes is a reply, not whole yet, or a SignalingError', () => {
    const wire = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(
          fc.constantFrom(
            'HTTP/1.1 ',
            '200',
            ' OK',
            '\r\n',
            '\r\n\r\n',
            'content-length:',
            'transfer-encoding: chunked',
            '0',
            '5',
            ':',
            'é',
          ),
        )
        .map((parts) => Buffer.from(parts.join(''), 'latin1')),
    );
    fc.assert(
      fc.property(wire, fc.boolean(), (bytes, ended) => {
        try {
          decodeReply(Buffer.from(bytes), ended);
        } catch (error) {
          expect(error).toBeInstanceOf(SignalingError);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

async function httpServer(listener: RequestListener) {
  const server = createHttpServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return disposable(server);
}

async function rawServer(listener: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    listener(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return disposable(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

function disposable(server: ReturnType<typeof createServer>, before: () => void = () => undefined) {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: new URL(`http://127.0.0.1:${port}/offer?a=1`),
    async [Symbol.asyncDispose]() {
      before();
      server.close();
      await once(server, 'close');
    },
  };
}

const never = { signal: new AbortController().signal };
const post = (url: URL, headers: Record<string, string> = {}): HttpMessage => ({
  method: 'POST',
  url,
  headers,
  body: 'v=0 ü',
});

describe('a lean exchange', () => {
  it('says and hears what fetch does', async () => {
    await using server = await httpServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        const body = Buffer.concat(chunks).toString();
        response.writeHead(201, { location: '/candidates/1', link: ['<a>', '<b>'] });
        response.end(
          JSON.stringify({ method, url, type: headers['content-type'], auth: headers.authorization, body }),
        );
      });
    });
    const message = post(server.url, { 'content-type': 'application/sdp', authorization: 'Bearer t' });
    const lean = await httpExchange(message, never);
    const builtIn = await fetch(server.url, message);
    expect(lean?.status).toBe(builtIn.status);
    for (const name of ['location', 'Link', 'none'])
      expect(lean?.headers.get(name)).toBe(builtIn.headers.get(name));
    expect(JSON.parse(lean?.text ?? '')).toEqual(await builtIn.json());
  });

  it('leaves redirects, https and fields of several lines to fetch', async () => {
    await using server = await httpServer((_request, response) =>
      response.writeHead(307, { location: '/there' }).end(),
    );
    expect(await httpExchange(post(server.url), never)).toBeUndefined();
    expect(await httpExchange(post(new URL('https://127.0.0.1')), never)).toBeUndefined();
    expect(await httpExchange(post(server.url, { 'if-match': '"a"\r\nx: y' }), never)).toBeUndefined();
  });

  it('ends with its signal, before and in the middle', async () => {
    await using server = await rawServer(() => undefined);
    const reason = new Error('Enough');
    await expect(httpExchange(post(server.url), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const exchange = httpExchange(post(server.url), { signal: controller.signal });
    controller.abort(reason);
    await expect(exchange).rejects.toBe(reason);
  });

  it('gives the system error of a port where nobody listens', async () => {
    const { url } = await (async () => {
      await using server = await rawServer(() => undefined);
      return server;
    })();
    await expect(httpExchange(post(url), never)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says that a server hung up', async () => {
    await using server = await rawServer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nx'),
    );
    await expect(httpExchange(post(server.url), never)).rejects.toMatchObject({ code: 'lost' });
  });
});
