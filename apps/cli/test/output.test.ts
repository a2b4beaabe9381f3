import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Output, type WriteCall } from '../src/pipe/output.ts';

const never = { signal: new AbortController().signal };
const failWith = (code: string) => Object.assign(new Error(code), { code });

/** A descriptor that takes at most as many bytes as each plan entry says; 0 = EAGAIN. */
function planned(plan: number[]) {
  const taken: number[] = [];
  let turn = 0;
  const call: WriteCall = (_fd, bytes, done) => {
    const room = plan[turn++ % plan.length] ?? 1;
    if (room === 0) return done(failWith('EAGAIN'), 0);
    const part = bytes.subarray(0, room);
    taken.push(...part);
    return done(null, part.length);
  };
  return { call, taken };
}

describe('an output', () => {
  it('writes every byte in order, however little is taken at a time', async () => {
    const plans = fc.array(fc.nat(7), { minLength: 1, maxLength: 5 }).map((plan) => [...plan, 3]);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), plans, async (bytes, plan) => {
        const { call, taken } = planned(plan);
        await new Output(1, call).write(bytes, never);
        expect(taken).toEqual([...bytes]);
      }),
      { numRuns: 50 },
    );
  });

  it.each(['EPIPE', 'ECONNRESET', 'EIO'])('says on %s that nobody reads any more', async (code) => {
    const output = new Output(1, (_fd, _bytes, done) => done(failWith(code), 0));
    await expect(output.write(Uint8Array.of(1), never)).rejects.toMatchObject({
      code: 'output-closed',
      exit: 141,
    });
  });

  it('says on a full disk that it cannot write', async () => {
    const output = new Output(1, (_fd, _bytes, done) => done(failWith('ENOSPC'), 0));
    await expect(output.write(Uint8Array.of(1), never)).rejects.toMatchObject({
      code: 'output-failed',
      exit: 74,
    });
  });

  it('stops waiting for room when it is aborted', async () => {
    const controller = new AbortController();
    const writing = new Output(1, (_fd, _bytes, done) => done(failWith('EAGAIN'), 0)).write(
      Uint8Array.of(1),
      controller,
    );
    controller.abort();
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
  });
});
