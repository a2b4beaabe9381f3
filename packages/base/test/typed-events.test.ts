import { expect, test } from 'vitest';
import { TypedEventTarget } from '../src/index.ts';

class Bell extends TypedEventTarget<{ ring: { times: number } }> {
  ring(times: number): void {
    this.emit('ring', { times });
  }
}

test('a listener gets the payload until it is removed', () => {
  const bell = new Bell();
  const heard: number[] = [];
  const listener = ({ times }: { times: number }) => heard.push(times);
  bell.addEventListener('ring', listener);
  bell.ring(1);
  bell.removeEventListener('ring', listener);
  bell.ring(2);
  expect(heard).toEqual([1]);
});

test('once is once, and an abort signal removes', () => {
  const bell = new Bell();
  const heard: string[] = [];
  const controller = new AbortController();
  bell.addEventListener('ring', () => heard.push('once'), { once: true });
  bell.addEventListener('ring', () => heard.push('signal'), { signal: controller.signal });
  bell.ring(1);
  controller.abort();
  bell.ring(2);
  expect(heard).toEqual(['once', 'signal']);
});
