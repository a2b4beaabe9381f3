import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { linkSignals, nextEvent, onAbort, unlessAborted } from '../src/index.ts';

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
const fired = (reason: unknown) => AbortSignal.abort(reason);

describe('onAbort', () => {
  test('calls once with the reason, also for a signal that has fired', () => {
    const heard: unknown[] = [];
    const controller = new AbortController();
    onAbort(controller.signal, (reason) => heard.push(reason));
    controller.abort('now');
    onAbort(fired('before'), (reason) => heard.push(reason));
    expect(heard).toEqual(['now', 'before']);
  });

  test('leaves nothing with the signal once disposed of', () => {
    const { signal, abort } = spied();
    const heard: unknown[] = [];
    {
      using _listening = onAbort(signal, (reason) => heard.push(reason));
      expect(listeners(signal)).toBe(1);
    }
    expect(listeners(signal)).toBe(0);
    abort();
    expect(heard).toEqual([]);
  });
});

describe('unlessAborted', () => {
  test('gives what was waited for and lets go of the signal', async () => {
    const { signal } = spied();
    await expect(unlessAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(unlessAborted(Promise.reject(new Error('own')), signal)).rejects.toThrow('own');
    expect(listeners(signal)).toBe(0);
  });

  test('throws the reason when the signal fires first, and drops what comes later', async () => {
    const { signal, abort } = spied();
    const { promise, reject } = Promise.withResolvers<void>();
    const waiting = unlessAborted(promise, signal);
    abort('enough');
    await expect(waiting).rejects.toBe('enough');
    reject(new Error('nobody hears of it'));
    await expect(unlessAborted(promise, fired('before'))).rejects.toBe('before');
  });

  test('throws what is made of the reason', async () => {
    const waiting = unlessAborted(
      new Promise(() => {}),
      fired('x'),
      (reason) => new Error(`told: ${reason}`),
    );
    await expect(waiting).rejects.toThrow('told: x');
  });
});

describe('nextEvent', () => {
  test('resolves with the event and takes its listener back', async () => {
    const source = new EventTarget();
    const { signal } = spied();
    const waiting = nextEvent(source, 'go', { signal });
    source.dispatchEvent(new Event('stay'));
    source.dispatchEvent(new Event('go'));
    await waiting;
    expect([listeners(signal), getEventListeners(source, 'go').length]).toEqual([0, 0]);
  });

  test('throws the reason of the signal', async () => {
    const source = new EventTarget();
    await expect(nextEvent(source, 'go', { signal: fired('no') })).rejects.toBe('no');
    expect(getEventListeners(source, 'go')).toHaveLength(0);
  });
});

describe('linkSignals', () => {
  test.each([0, 1])('fires with number %i of two', (which) => {
    const controllers = [new AbortController(), new AbortController()] as const;
    using link = linkSignals(...controllers.map(({ signal }) => signal));
    expect(link.signal.aborted).toBe(false);
    controllers[which === 0 ? 0 : 1].abort(`of ${which}`);
    expect(link.signal.reason).toBe(`of ${which}`);
  });

  test('is fired from the beginning when one of them is', () => {
    using link = linkSignals(new AbortController().signal, fired('before'));
    expect(link.signal.reason).toBe('before');
  });

  test('the others hold nothing of it once disposed of', () => {
    const { signal, abort } = spied();
    const link = linkSignals(signal);
    link[Symbol.dispose]();
    expect(listeners(signal)).toBe(0);
    abort();
    expect(link.signal.aborted).toBe(false);
    link.abort('own');
    expect(link.signal.reason).toBe('own');
  });
});

function spied(): { signal: AbortSignal; abort: (reason?: unknown) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}
