import { MAX_ICE_SERVERS, STUN_PORT } from './constants.ts';

/** One entry of W3C `RTCConfiguration.iceServers`. */
export interface IceServer {
  urls: string | string[];
  username?: string;
  credential?: string;
}

export interface StunServer {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

/** What a configuration asks for, by kind. */
export interface IceServers {
  readonly stun: readonly StunServer[];
}

/** RFC 7064 section 3.1. */
const STUN_URL = /^stun:(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::(\d{1,5}))?$/i;

/**
 * Reads a list of ICE servers; at most the first `MAX_ICE_SERVERS` addresses are used.
 * @throws DOMException `SyntaxError` for a malformed URL, `NotSupportedError` for a scheme that this peer has not
 */
export function parseIceServers(servers: readonly IceServer[]): IceServers {
  const urls = servers.flatMap(({ urls: one }) => one).slice(0, MAX_ICE_SERVERS);
  return { stun: urls.map(parseStunUrl) };
}

function parseStunUrl(url: string): StunServer {
  const scheme = url.slice(0, url.indexOf(':')).toLowerCase();
  if (scheme === 'turn' || scheme === 'turns' || scheme === 'stuns') {
    throw new DOMException(
      `The ICE server ${url} cannot be used: only stun: URLs are supported`,
      'NotSupportedError',
    );
  }
  const [, v6, name, port] = STUN_URL.exec(url) ?? [];
  const host = v6 ?? name;
  if (host === undefined) {
    throw new DOMException(
      `The ICE server "${url}" is not a URL like stun:stun.example.org:3478`,
      'SyntaxError',
    );
  }
  return { host, port: port === undefined ? STUN_PORT : Number(port) };
}
