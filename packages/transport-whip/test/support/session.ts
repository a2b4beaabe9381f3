import type { Signal } from '@ouro/signaling';
import { expect } from 'vitest';
import { offerSdp } from './sdp.ts';
import type { Accepted, TestServer } from './server.ts';

/** Media type of a fragment. */
export const FRAGMENT = 'application/trickle-ice-sdpfrag';

/** A session that a client opened, seen from both ends. */
export interface Opened {
  url: string;
  tag: string;
  accepted: Accepted;
  /** The signals after the offer. */
  signals: AsyncIterator<Signal>;
}

/** POSTs an offer and takes the session. */
export async function open(
  server: TestServer,
  sdp = offerSdp(),
  headers: Record<string, string> = {},
): Promise<Opened> {
  const response = await server.post(sdp, headers);
  expect(response.status).toBe(201);
  const accepted = await server.next();
  const signals = accepted.signaler[Symbol.asyncIterator]();
  await signals.next();
  const url = new URL(response.headers.get('location') ?? '', server.url).href;
  return { url, tag: response.headers.get('etag') ?? '', accepted, signals };
}

/** PATCHes a fragment, unless the headers say otherwise. */
export function patch(url: string, body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'PATCH', body, headers: { 'content-type': FRAGMENT, ...headers } });
}

/** The next signal; undefined at the end. */
export const take = async (signals: AsyncIterator<Signal>): Promise<Signal | undefined> =>
  (await signals.next()).value;
/** A candidate as a line of SDP. */
export const line = (candidate: string) => `a=${candidate}`;
