import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Output } from '../src/pipe/output.ts';
import type { Writer } from '../src/pipe/writer.ts';

const never = { signal: new AbortController().signal };
const failWith = (code: string) => Object.assign(new Error(code), { code });

/** An output that takes at most as many bytes as each plan entry says; 0 = EAGAIN. */
function planned(plan: number[]) {
  const taken: number[] = [];
  let turn = 0;
  const some = (bytes: Uint8Array) => {
    const room = plan[turn++ % plan.length] ?? 1;
    if (room === 0) throw failWith('EAGAIN');
    const part = bytes.subarray(0, room);
    taken.push(...part);
    return part.length;
  };
  const writer: Writer = { writeNow: some, write: async (bytes) => some(bytes) };
  return { writer, taken };
}

function failing(code: string): Writer {
  return { writeNow: () => 0, write: () => Promise.reject(failWith(code)) };
}

describe('an output', () => {
  it('writes every byte in order, however little is taken at a time', async () => {
    const plans = fc.array(fc.nat(7), { minLength: 1, maxLength: 5 }).map((plan) => [...plan, 3]);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), plans, async (bytes, plan) => {
        const { writer, taken } = planned(plan);
        await new Output(writer).write(bytes, never);
        expect(taken).toEqual([...bytes]);
      }),
      { numRuns: 50 },
    );
  });

  it.each(['EPIPE', 'ECONNRESET'])('says on %s that nobody reads any more', async (code) => {
    const closed = { code: 'output-closed', exit: 141 };
    await expect(new Output(failing(code)).write(Uint8Array.of(1), never)).rejects.toMatchObject(closed);
    const now: Writer = {
      ...failing(code),
      writeNow: () => {
        throw failWith(code);
      },
    };
    await expect(new Output(now).write(Uint8Array.of(1), never)).rejects.toMatchObject(closed);
  });

  it.each(['ENOSPC', 'EIO'])('says on %s that it cannot write', async (code) => {
    const writing = new Output(failing(code)).write(Uint8Array.of(1), never);
    await expect(writing).rejects.toMatchObject({ code: 'output-failed', exit: 74 });
  });

  it('stops waiting for room when it is aborted', async () => {
    const controller = new AbortController();
    const writing = new Output(failing('EAGAIN')).write(Uint8Array.of(1), controller);
    controller.abort();
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('leaves the event loop free while its reader stalls, and the pipe as it was', async () => {
    const script = fileURLToPath(new URL('support/stalled-output.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=ouro-source', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [first] = await once(child.stderr.setEncoding('utf8'), 'data');
    expect(first).toContain('the loop turns');
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const [code] = await once(child, 'close');
    expect({ code, bytes }).toEqual({ code: 0, bytes: 4 * 1024 * 1024 });
  });
});
