import { SignalingError } from '@ouro/signaling';
import { MAX_ICE_SERVERS } from './constants.ts';
import { formatLink, hasRelation, type Link, parseLinkHeader } from './link.ts';

/** A STUN or TURN server, in the shape of W3C RTCIceServer. Credentials are passwords: never log one. */
export interface IceServer {
  /** RFC 7064 or RFC 7065 URIs: `stun:host`, `turns:host:443?transport=tcp`. */
  readonly urls: string[];
  readonly username?: string;
  readonly credential?: string;
}

const ICE_URI = /^(stuns?|turns?):[^\s<>"]+$/i;

/**
 * The ice-servers that a Link header announces (RFC 9725 section 4.6), at most 16. Other relations, targets that are
 * no STUN or TURN URI, and credential types other than `password` are passed over; a malformed header gives none.
 */
export function iceServersFromLink(header: string | null | undefined): IceServer[] {
  return linksOf(header)
    .filter((link) => hasRelation(link, 'ice-server') && ICE_URI.test(link.target))
    .filter((link) => (link.parameters.get('credential-type') ?? 'password') === 'password')
    .slice(0, MAX_ICE_SERVERS)
    .map(toIceServer);
}

/**
 * One Link header value for each URI of each server (RFC 9725 section 4.6).
 * @throws SignalingError `internal` for a URI that is not one of STUN or TURN: the host's own configuration is wrong
 */
export function formatIceServers(servers: readonly IceServer[]): string[] {
  return servers.flatMap((server) => server.urls.map((url) => formatIceServer(url, server)));
}

function formatIceServer(url: string, { username, credential }: IceServer): string {
  if (!ICE_URI.test(url) || hasControl(username) || hasControl(credential)) {
    throw new SignalingError(
      'internal',
      'An ICE server of this host is configured with something that is no STUN or TURN server',
    );
  }
  const parameters: [string, string][] = [['rel', 'ice-server']];
  if (username !== undefined) parameters.push(['username', username]);
  if (credential !== undefined) parameters.push(['credential', credential], ['credential-type', 'password']);
  return formatLink(url, parameters);
}

function hasControl(text: string | undefined): boolean {
  return text !== undefined && !/^[\x20-\x7e]*$/.test(text);
}

function linksOf(header: string | null | undefined): Link[] {
  try {
    return header === null || header === undefined ? [] : parseLinkHeader(header);
  } catch {
    return [];
  }
}

function toIceServer({ target, parameters }: Link): IceServer {
  const username = parameters.get('username');
  const credential = parameters.get('credential');
  return {
    urls: [target],
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  };
}
