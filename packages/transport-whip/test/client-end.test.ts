import { SignalingError } from '@ouro/signaling';
import { describe, expect, test } from 'vitest';
import type { WhipSignaler } from '../src/index.ts';
import { dial, offer, readAll, signal, whip } from './support/client.ts';
import { type Script, ScriptedServer } from './support/scripted-server.ts';

describe('the end', () => {
  const connected = async (server: ScriptedServer): Promise<WhipSignaler> => {
    const signaler = await dial(server);
    await signaler.send(offer, { signal });
    await readAll(signaler);
    return signaler;
  };

  test('close without a reason leaves the session, and the connection, alone; terminate ends it, once', async () => {
    await using server = await ScriptedServer.start(whip());
    const signaler = await connected(server);
    await signaler.close();
    expect(server.of('DELETE')).toEqual([]);
    await signaler.terminate({ signal });
    await signaler.terminate({ signal });
    expect(server.of('DELETE')).toMatchObject([{ path: '/s/1' }]);
  });

  test('C5 DELETE has no If-Match', async () => {
    await using server = await ScriptedServer.start(whip());
    const signaler = await connected(server);
    await signaler.close(new SignalingError('ice-failed', 'No path'));
    expect(server.of('DELETE')).toHaveLength(1);
    expect(server.of('DELETE')[0]?.headers['if-match']).toBeUndefined();
  });

  test('close never throws; terminate tells what the server says, but not that the session is gone', async () => {
    let status = 500;
    await using server = await ScriptedServer.start(
      whip({ delete: (_request, response) => void response.writeHead(status).end() }),
    );
    const failing = await connected(server);
    await failing.close(new SignalingError('ice-failed', 'No path'));
    await expect((await connected(server)).terminate({ signal })).rejects.toMatchObject({ code: 'internal' });
    status = 404;
    await (await connected(server)).terminate({ signal });
  });

  test('closing before the answer ends the request', async () => {
    const gone = Promise.withResolvers<void>();
    const post: Script = (_request, response) => void response.on('close', gone.resolve);
    await using server = await ScriptedServer.start(whip({ post }));
    const signaler = await dial(server);
    await signaler.send(offer, { signal });
    await server.received(1);
    await signaler.close();
    await gone.promise;
    expect(await readAll(signaler)).toEqual([]);
  });

  test('a session whose answer is no SDP is ended again', async () => {
    const post: Script = (_request, response) =>
      void response.writeHead(201, { location: '/s/1', 'content-type': 'text/html' }).end('<p>');
    await using server = await ScriptedServer.start(whip({ post }));
    const signaler = await dial(server);
    await signaler.send(offer, { signal });
    await expect(readAll(signaler)).rejects.toMatchObject({ code: 'bad-message' });
    expect(server.of('DELETE')).toHaveLength(1);
  });
});
