import type { Signal, Signaler } from '@ouro/signaling';
import { dialWhip, type WhipSignaler, type WhipTarget } from '../../src/index.ts';
import type { Script, ScriptedServer } from './scripted-server.ts';
import { answerSdp, offerSdp, UFRAG } from './sdp.ts';

/** Never fires in a test that goes well. */
export const signal = AbortSignal.timeout(60_000);
/** An offer. */
export const offer = { type: 'offer', sdp: offerSdp() } as const;
/** A candidate of it. */
export const candidate = (line: string): Signal => ({
  type: 'candidate',
  candidate: line,
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: UFRAG,
});
/** The end of its candidates. */
export const end: Signal = { type: 'end-of-candidates', usernameFragment: null };

/** A WHIP server: 201 with a session at `/s/1`, 204, 200. */
export function whip(
  overrides: { post?: Script; patch?: Script; delete?: Script; headers?: Record<string, string> } = {},
): Script {
  const created = {
    'content-type': 'application/sdp',
    location: '/s/1',
    etag: '"one"',
    ...overrides.headers,
  };
  return (request, response) => {
    if (request.method === 'POST')
      return overrides.post
        ? overrides.post(request, response)
        : void response.writeHead(201, created).end(answerSdp());
    if (request.method === 'PATCH')
      return overrides.patch ? overrides.patch(request, response) : void response.writeHead(204).end();
    return overrides.delete ? overrides.delete(request, response) : void response.writeHead(200).end();
  };
}

/** Dials it. */
export const dial = (server: ScriptedServer, target: Partial<WhipTarget> = {}): Promise<WhipSignaler> =>
  dialWhip({ url: `${server.url}/offer`, retryDelayMs: 1, ...target }, { signal });

/** Reads to the end. */
export async function readAll(signaler: Signaler): Promise<Signal[]> {
  const signals: Signal[] = [];
  for await (const each of signaler) signals.push(each);
  return signals;
}
