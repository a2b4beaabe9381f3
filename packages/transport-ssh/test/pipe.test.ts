import { PassThrough } from 'node:stream';
import { duplexFromStreams } from '@ouro/base/node';
import { jsonLineCodec, type Signal } from '@ouro/signaling';
import { describe, expect, it } from 'vitest';
import { openHostPipe } from '../src/host.ts';
import { MAX_PREAMBLE_BYTES, openClientPipe } from '../src/index.ts';

const REMOTE = { kind: 'login', user: 'ada' } as const;
const OFFER: Signal = { type: 'offer', sdp: `v=0\r\n${'a=x:1\r\n'.repeat(6000)}` };
const ANSWER: Signal = { type: 'answer', sdp: 'v=0\r\na=ünï\r\n' };
const candidate = (number: number, usernameFragment = 'ufrag'): Signal => ({
  type: 'candidate',
  candidate: `candidate:${number} 1 udp 1 192.0.2.1 5000 typ host`,
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment,
});

const { signal } = new AbortController();

/** The client's pipe, and the two streams of the far command that it reads and writes. */
const clientOver = (readyTimeoutMs = 5_000) => {
  const [stdout, stdin] = [new PassThrough(), new PassThrough()];
  const pipe = openClientPipe(duplexFromStreams(stdout, stdin), { remote: REMOTE, readyTimeoutMs });
  return { pipe, stdout, stdin };
};

const take = async (source: AsyncIterable<Signal>, count: number): Promise<Signal[]> => {
  const taken: Signal[] = [];
  for await (const one of source) if (taken.push(one) === count) break;
  return taken;
};

describe('the client end', () => {
  it.for([
    ['READY', 'READY\n'],
    ['READY with \\r\\n', 'READY\r\n'],
    ['READY and more words', 'READY 2.0 pid 7\n'],
    ['a status object', '{"version":"1.2","peers":[]}\n'],
    ['a status object without a newline', '{"version":"1.2","peers":[]}'],
    ['a banner and a motd in front', 'Welcome to {host}!\r\n\r\n 3 updates.\r\nNOT READY\r\nREADY\r\n'],
    ['a window title in front', '\x1b]0;ada@host\x07\x1b[1;32mREADY\x1b[0m\n'],
  ] as const)('takes %s for ready', async ([_name, text]) => {
    const { pipe, stdout, stdin } = clientOver();
    const sending = pipe.send(candidate(1), { signal });
    expect(stdin.read()).toBeNull();
    stdout.write(text);
    await pipe.ready({ signal });
    await sending;
    expect(JSON.parse(String(stdin.read()))).toMatchObject({ sdpMid: '0' });
    await pipe.close();
  });

  it('gives the status object of a newer agent', async () => {
    const { pipe, stdout } = clientOver();
    stdout.write('{"version":"1.2"}\n');
    expect((await pipe.ready({ signal })).status).toEqual({ version: '1.2' });
    await pipe.close();
  });

  it('sends nothing before READY, and says so when it does not come', async () => {
    const { pipe, stdin } = clientOver(50);
    await expect(pipe.send(OFFER, { signal })).rejects.toMatchObject({ code: 'timeout' });
    await expect(pipe.ready({ signal })).rejects.toMatchObject({ code: 'timeout' });
    expect(stdin.read()).toBeNull();
    await pipe.close();
  });

  it('an end before READY is no agent', async () => {
    const { pipe, stdout } = clientOver();
    stdout.end('sh: 1: webexec: not found\n');
    await expect(pipe.ready({ signal })).rejects.toMatchObject({ code: 'unavailable' });
    await pipe.close();
  });

  it('reads noise up to its cap and no further', async () => {
    const within = clientOver();
    within.stdout.write(`${'n'.repeat(MAX_PREAMBLE_BYTES - 7)}\nREADY\n`);
    await within.pipe.ready({ signal });
    await within.pipe.close();
    const beyond = clientOver();
    beyond.stdout.write(`${'n'.repeat(MAX_PREAMBLE_BYTES)}\n`);
    await expect(beyond.pipe.ready({ signal })).rejects.toMatchObject({ code: 'oversize' });
    await beyond.pipe.close();
  });

  it('takes what a far tty echoes of its own lines for nothing, null included', async () => {
    const { pipe, stdout, stdin } = clientOver();
    stdout.write('READY\n');
    const own = [OFFER, candidate(1), { type: 'end-of-candidates', usernameFragment: 'ufrag' } as const];
    for (const one of own) await pipe.send(one, { signal });
    const echo = String(stdin.read()).replaceAll('\n', '\r\n');
    stdout.write(`${echo}${JSON.stringify(ANSWER)}\r\nnull\r\n`);
    expect(await take(pipe, 2)).toEqual([ANSWER, { type: 'end-of-candidates', usernameFragment: null }]);
    await pipe.close();
  });

  it('can be closed while it waits for READY', async () => {
    const { pipe } = clientOver();
    const sending = pipe.send(OFFER, { signal });
    await pipe.close();
    await expect(sending).rejects.toMatchObject({ name: 'SignalingError' });
  });
});

describe('the host end', () => {
  it.for([1, 7, 4096, 100_000])(
    'reads texts split every %i bytes, a 40 KB offer among them',
    async (size) => {
      const [stdin, stdout] = [new PassThrough(), new PassThrough()];
      const pipe = openHostPipe(duplexFromStreams(stdin, stdout), { user: 'ada' });
      const texts = [OFFER, candidate(1)].map((one) =>
        Buffer.from(jsonLineCodec.encode(one)).toString().trim(),
      );
      const bytes = Buffer.from(`${texts.join('\r\n')}\r\nnull\n{"candidate":""}\n`);
      for (let at = 0; at < bytes.length; at += size) stdin.write(bytes.subarray(at, at + size));
      const end = { type: 'end-of-candidates', usernameFragment: null };
      expect(await take(pipe, 4)).toEqual([OFFER, candidate(1), end, end]);
      await pipe.close();
    },
  );

  it('says READY first, then one text a line', async () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const pipe = openHostPipe(duplexFromStreams(stdin, stdout), { user: 'ada' });
    expect(pipe.remote).toEqual({ kind: 'login', user: 'ada' });
    await pipe.sayReady({ signal });
    await pipe.send(ANSWER, { signal });
    await pipe.send(candidate(1), { signal });
    await pipe.close();
    const lines = String(Buffer.concat(await stdout.toArray())).split('\n');
    expect(lines[0]).toBe('READY');
    expect(JSON.parse(lines[1] ?? '')).toEqual(ANSWER);
    expect(lines).toHaveLength(4);
  });

  it('an end without an answer is a failure, with one it is the end', async () => {
    for (const answered of [false, true]) {
      const [stdin, stdout] = [new PassThrough(), new PassThrough()];
      const pipe = openHostPipe(duplexFromStreams(stdin, stdout), { user: 'ada' });
      stdin.write(JSON.stringify(OFFER));
      const reads = pipe[Symbol.asyncIterator]();
      await reads.next();
      if (answered) await pipe.send(ANSWER, { signal });
      stdin.end();
      if (answered) expect((await reads.next()).done).toBe(true);
      else await expect(reads.next()).rejects.toMatchObject({ code: 'lost' });
      await pipe.close();
    }
  });

  it('a broken stream is lost, not over', async () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const pipe = openHostPipe(duplexFromStreams(stdin, stdout), { user: 'ada' });
    stdin.destroy(new Error('reset'));
    await expect(take(pipe, 1)).rejects.toMatchObject({ code: 'lost' });
    stdout.destroy(new Error('reset'));
    await expect(pipe.send(ANSWER, { signal })).rejects.toMatchObject({ code: 'lost' });
    await pipe.close();
  });
});
