import { expect, test } from 'vitest';
import { SESSION_ERROR_EDGES, SessionError } from '../src/index.ts';

/** Whether an endpoint may send it in a close frame: RFC 6455 section 7.4 and IANA's registry. */
const sendable = (code: number) =>
  [1000, 1001, 1003].includes(code) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);

test.each(Object.entries(SESSION_ERROR_EDGES))('%s has edges within their ranges', (_code, edge) => {
  expect(edge.http).toBeGreaterThanOrEqual(400);
  expect(edge.http).toBeLessThan(600);
  expect(edge.webSocket).toSatisfy(sendable);
  expect(edge.exit).toBeGreaterThan(0);
  expect(edge.exit).toBeLessThan(256);
});

test('an error knows its edges', () => {
  expect(new SessionError('busy', 'x').edge).toMatchObject({ http: 429, exit: 75, retryable: true });
});
