import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { SignalingError } from '@ouro/signaling';
import fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { MAX_CLIPBOARD_BYTES, MAX_LOCAL_LINE_BYTES } from '../src/base/constants.ts';
import { AgentError } from '../src/base/errors.ts';
import { writeTo } from '../src/local/accept-stream.ts';
import { ask, askOnce, connectLocal } from '../src/local/client.ts';
import { decodeLine, ReplySchema, RequestSchema, StatusSchema } from '../src/local/protocol.ts';
import { type LocalHandlers, LocalServer, type LocalServerOptions } from '../src/local/server.ts';
import { testHome } from './support/home.ts';

const { signal } = new AbortController();

const serve = async (handlers: Partial<LocalHandlers> = {}, options: LocalServerOptions = {}) => {
  const home = await testHome();
  const faults: unknown[] = [];
  const path = home.paths.socket;
  const server = await LocalServer.listen(
    path,
    {
      request: async (request) => (request.type === 'paste' ? 'text' : null),
      admit: () => {},
      accept: async () => {},
      failed: (error) => faults.push(error),
      ...handlers,
    },
    options,
  );
  return {
    path,
    server,
    faults,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
};

const readAll = async (socket: Socket): Promise<string> => {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
};

describe("the agent's socket", () => {
  test('is for the user alone, and gone when the agent is', async () => {
    await using agent = await serve();
    expect((await stat(agent.path)).mode & 0o777).toBe(0o600);
    await agent.server[Symbol.asyncDispose]();
    await expect(stat(agent.path)).rejects.toThrow('ENOENT');
  });

  test('answers several questions on one connection', async () => {
    await using agent = await serve();
    const socket = await connectLocal(agent.path, { signal });
    expect(await ask(socket, { type: 'paste' }, Type.String(), { signal })).toBe('text');
    expect(await ask(socket, { type: 'copy', data: 'x' }, Type.Null(), { signal })).toBeNull();
    socket.destroy();
  });

  test('carries the largest clipboard, also of bytes that JSON escapes', async () => {
    const data = '\u0001'.repeat(MAX_CLIPBOARD_BYTES);
    await using agent = await serve({ request: async (request) => ('data' in request ? request.data : '') });
    expect(await askOnce(agent.path, { type: 'copy', data }, Type.String(), { signal })).toBe(data);
    await expect(
      askOnce(agent.path, { type: 'copy', data: `${data}x` }, Type.String(), { signal }),
    ).rejects.toMatchObject({
      code: 'bad-message',
    });
  });

  test('a refusal comes with code and words, a fault without words', async () => {
    const handlers = {
      request: async ({ type }: { type: string }): Promise<never> => {
        if (type === 'copy') throw new AgentError('no-client', 'nobody');
        if (type === 'stop') throw new SignalingError('too-many', 'full');
        throw new Error('secret');
      },
    };
    await using agent = await serve(handlers);
    const asked = (type: 'stop' | 'paste') => askOnce(agent.path, { type }, Type.Null(), { signal });
    await expect(
      askOnce(agent.path, { type: 'copy', data: '' }, Type.Null(), { signal }),
    ).rejects.toMatchObject({ code: 'no-client', message: 'nobody' });
    await expect(asked('stop')).rejects.toMatchObject({ name: 'SignalingError', code: 'too-many' });
    await expect(asked('paste')).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('secret'),
    });
    expect(agent.faults).toHaveLength(1);
  });

  test('a line over the cap ends the connection', async () => {
    await using agent = await serve();
    const socket = await connectLocal(agent.path, { signal });
    socket.write(Buffer.alloc(MAX_LOCAL_LINE_BYTES + 1, 0x61));
    expect(await readAll(socket)).toContain('"oversize"');
  });

  test('a connection that asks nothing is ended', async () => {
    await using agent = await serve({}, { idleTimeoutMs: 20 });
    const socket = await connectLocal(agent.path, { signal });
    expect(await readAll(socket)).toContain('"timeout"');
  });

  test('connections have a cap', async () => {
    await using agent = await serve({}, { maxConnections: 2 });
    const kept = [await connectLocal(agent.path, { signal }), await connectLocal(agent.path, { signal })];
    await ask(kept[1] as Socket, { type: 'paste' }, Type.String(), { signal });
    const third = connect(agent.path);
    await once(third, 'close');
    for (const socket of kept) socket.destroy();
  });

  test('accept turns it into a pipe, with what came in the same packet', async () => {
    await using agent = await serve({
      accept: async (socket) => {
        const [chunk] = await once(socket, 'data');
        await writeTo(socket, chunk);
      },
    });
    const socket = await connectLocal(agent.path, { signal });
    socket.write('{"type":"accept"}\n{"type":"offer"}\n');
    expect(await readAll(socket)).toBe('{"ok":true,"result":null}\n{"type":"offer"}\n');
  });

  test('the last word to an accept is not lost to one that is still writing', async () => {
    await using agent = await serve({ accept: (socket) => writeTo(socket, Buffer.from('last word\n')) });
    const socket = await connectLocal(agent.path, { signal });
    await ask(socket, { type: 'accept' }, Type.Null(), { signal });
    for (let number = 0; number < 20; number += 1) await writeTo(socket, Buffer.from('one more candidate\n'));
    expect(await readAll(socket)).toBe('last word\n');
    await expect.poll(() => agent.server.connections).toBe(0);
  });

  test('an accept that is not admitted is refused', async () => {
    await using agent = await serve({
      admit: () => {
        throw new SignalingError('too-many', 'full');
      },
    });
    await expect(askOnce(agent.path, { type: 'accept' }, Type.Null(), { signal })).rejects.toMatchObject({
      code: 'too-many',
    });
  });

  test('an agent that does not answer is a time-out with a way out', async () => {
    await using agent = await serve({
      request: (_request, { signal: gone }) =>
        new Promise((_, reject) => gone.addEventListener('abort', () => reject(gone.reason))),
    });
    await expect(
      askOnce(agent.path, { type: 'status' }, StatusSchema, { signal, timeoutMs: 30 }),
    ).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('ouro-agent stop'),
    });
  });

  test('no agent is told, also where a dead one left its socket', async () => {
    await using home = await testHome();
    await expect(askOnce(home.paths.socket, { type: 'stop' }, Type.Null(), { signal })).rejects.toMatchObject(
      { code: 'not-running' },
    );
  });

  test('ending the server ends what it was doing', async () => {
    const agent = await serve({
      accept: (_socket, options) =>
        new Promise((resolve) => options.signal.addEventListener('abort', () => resolve())),
    });
    const socket = await connectLocal(agent.path, { signal });
    await ask(socket, { type: 'accept' }, Type.Null(), { signal });
    const idle = await connectLocal(agent.path, { signal });
    await agent[Symbol.asyncDispose]();
    expect(agent.server.connections).toBe(0);
    await Promise.all([readAll(socket), readAll(idle)]);
  });

  test('any bytes are a request or a declared error, and the server lives', async () => {
    const requests = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc
        .record({ type: fc.constantFrom('status', 'stop', 'copy', 'accept', 'x'), data: fc.anything() })
        .map((value) => new TextEncoder().encode(JSON.stringify(value) ?? '')),
    );
    fc.assert(
      fc.property(requests, fc.constantFrom(RequestSchema, ReplySchema, StatusSchema), (bytes, schema) => {
        try {
          decodeLine(schema, bytes);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AgentError);
        }
      }),
      { numRuns: 10_000 },
    );
    await using agent = await serve();
    await fc.assert(
      fc.asyncProperty(requests, async (bytes) => {
        const socket = await connectLocal(agent.path, { signal });
        socket.end(bytes);
        await readAll(socket);
      }),
      { numRuns: 200 },
    );
    expect(await askOnce(agent.path, { type: 'paste' }, Type.String(), { signal })).toBe('text');
    expect(agent.faults).toEqual([]);
  });
});
