import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_EDGES, type ErrorEdge, SignalingError, type SignalingErrorCode } from '../src/index.ts';

/** Every code of the union: TypeScript refuses one that is missing or too many. */
const CODES: Record<SignalingErrorCode, true> = {
  'bad-message': true,
  'bad-sdp': true,
  'bad-candidate': true,
  oversize: true,
  'unsupported-media-type': true,
  unprocessable: true,
  'invalid-state': true,
  unauthorized: true,
  'fingerprint-mismatch': true,
  'not-found': true,
  'precondition-failed': true,
  'precondition-required': true,
  'too-many': true,
  unavailable: true,
  'unknown-host': true,
  refused: true,
  'ice-failed': true,
  timeout: true,
  closed: true,
  lost: true,
  aborted: true,
  internal: true,
};

const edges: [string, ErrorEdge][] = Object.entries(ERROR_EDGES);

test('the exported codes are those of the table', () => {
  expect(Object.keys(ERROR_EDGES).sort()).toEqual(Object.keys(CODES).sort());
});

test('the README shows the table as it is', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (\d+) \| (\d+) \| (yes|no) \|$/gm)];
  const shown = rows.map(([, code, http, webSocket, exit, retryable]) => [
    code,
    { http: Number(http), webSocket: Number(webSocket), exit: Number(exit), retryable: retryable === 'yes' },
  ]);
  expect(shown).toEqual(edges);
});

/** Whether an endpoint may send it in a close frame: RFC 6455 section 7.4 and IANA's registry. */
const sendable = (code: number) =>
  [1000, 1001, 1003].includes(code) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);

test.each(edges)('%s has a WebSocket close code that may be sent', (_code, { webSocket }) => {
  expect(webSocket).toSatisfy(sendable);
});

test.each(edges)('%s has edges within their ranges', (_code, { http, exit }) => {
  expect(http).toBeGreaterThanOrEqual(400);
  expect(http).toBeLessThan(600);
  expect(exit).toBeGreaterThan(0);
  expect(exit).toBeLessThan(256);
});

test('an AbortSignal.timeout reason becomes a timeout', async () => {
  const thrown = await new Promise((resolve) => {
    const signal = AbortSignal.timeout(1);
    signal.addEventListener('abort', () => resolve(signal.reason));
  });
  expect(SignalingError.from(thrown).code).toBe('timeout');
});

test('close codes of different errors differ', () => {
  const codes = Object.values(ERROR_EDGES).map((edge) => edge.webSocket);
  expect(new Set(codes).size).toBe(codes.length);
});

test.each([
  [new DOMException('x', 'AbortError'), 'aborted'],
  [new Error('x'), 'internal'],
  ['x', 'internal'],
  [undefined, 'internal'],
  [new SignalingError('lost', 'x'), 'lost'],
])('%o is told as "%s"', (thrown, code) => {
  expect(SignalingError.from(thrown).code).toBe(code);
});

test('an error knows its edges', () => {
  expect(new SignalingError('unauthorized', 'x').edge).toMatchObject({
    http: 401,
    exit: 77,
    retryable: false,
  });
});
