import { expect, test } from 'vitest';
import { Report } from './report.mjs';

const end = (port) => ({ address: '127.0.0.1', port, protocol: 'udp', type: 'host' });
const EVENTS = [
  { event: 'phase', phase: 'start', ms: 40.2, at: 40.2 },
  { event: 'phase', phase: 'ice', ms: 9.6, at: 49.8 },
  { event: 'connected', pair: { local: end(5), remote: end(6) } },
  { event: 'phase', phase: 'first-byte', ms: 10, at: 59.8 },
  { event: 'first-byte', at: 59.8 },
  { event: 'notice', text: 'a notice' },
];
const TEXT = EVENTS.map((event) => `${JSON.stringify(event)}\n`).join('');

/** What a person sees when the text comes in pieces of a size. */
function shown(text, { isTerminal, size }) {
  let seen = '';
  const report = new Report(isTerminal, (piece) => {
    seen += piece;
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) report.take(bytes.subarray(at, at + size));
  return seen;
}

test.each([1, 7, 10_000])('events in pieces of %i bytes become lines', (size) => {
  const way = 'Connected over WebRTC on udp from 127.0.0.1:5 to 127.0.0.1:6, signalled over WHIP';
  expect(shown(TEXT, { isTerminal: false, size })).toBe(
    `${way}, in 60 ms (start 40, ice 10, first-byte 10)\na notice\n`,
  );
  expect(shown(TEXT, { isTerminal: true, size })).toBe(`${way}, in 50 ms (start 40, ice 10)\r\na notice\r\n`);
});

test('what is no event goes through as it is', () => {
  const text = '\x1b[?25h plain\n{broken\nend';
  expect(shown(text, { isTerminal: true, size: 3 })).toBe(text);
});
