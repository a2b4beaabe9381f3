import { MAX_ICE_SERVERS, STUN_PORT } from './constants.ts';
import { TURN_PORT, TURNS_PORT } from './turn/constants.ts';

/** One entry of W3C `RTCConfiguration.iceServers`. */
export interface IceServer {
  urls: string | readonly string[];
  username?: string;
  credential?: string;
}

export interface StunServer {
  /** As it was configured; holds no password. */
  readonly url: string;
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

export interface TurnServer extends StunServer {
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly username: string;
  readonly credential: string;
}

/** What a configuration asks for, by kind. */
export interface IceServers {
  readonly stun: readonly StunServer[];
  readonly turn: readonly TurnServer[];
}

/** Why a server gave nothing: what W3C `RTCPeerConnectionIceErrorEvent` tells. No password is in it. */
export interface IceServerError {
  readonly url: string;
  /** What the server said (300 to 699, RFC 8489 section 14.8), or `SERVER_UNREACHABLE`. */
  readonly errorCode: number;
  readonly errorText: string;
}

/** W3C: the `errorCode` when no answer came at all. */
export const SERVER_UNREACHABLE = 701;

/** RFC 7064 section 3.1 and RFC 7065 section 3.1. */
const SERVER_URL =
  /^(stun|turn|turns):(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i;

/**
 * Reads a list of ICE servers; at most the first `MAX_ICE_SERVERS` addresses are used.
 * @throws DOMException `SyntaxError` for a malformed URL, `InvalidAccessError` for a TURN server without credentials,
 * `NotSupportedError` for a scheme that this peer has not
 */
export function parseIceServers(servers: readonly IceServer[]): IceServers {
  const stun: StunServer[] = [];
  const turn: TurnServer[] = [];
  for (const { urls, username, credential } of servers) {
    for (const url of [urls].flat()) {
      if (stun.length + turn.length >= MAX_ICE_SERVERS) break;
      const server = parseUrl(url);
      const { host, port } = server;
      if (server.scheme === 'stun') stun.push({ url, host, port });
      else if (username !== undefined && credential !== undefined) {
        turn.push({ url, host, port, transport: transportOf(server), username, credential });
      } else
        throw new DOMException(
          `The ICE server ${shown(url)} needs a username and a credential`,
          'InvalidAccessError',
        );
    }
  }
  return { stun, turn };
}

/** Those of a list that this peer can use: for servers that somebody else names, who may know other kinds. */
export function usableIceServers(servers: readonly IceServer[]): IceServer[] {
  return servers.filter((server) => {
    try {
      parseIceServers([server]);
      return true;
    } catch {
      return false;
    }
  });
}

/** Who writes a password into a URL, where it has no place, must not find it in a log. */
function shown(url: string): string {
  return url.replace(/:.*@/s, ':…@');
}

interface ServerUrl extends Pick<StunServer, 'host' | 'port'> {
  readonly scheme: string;
  readonly transport: string | undefined;
}

function parseUrl(url: string): ServerUrl {
  const [, scheme = '', v6, name, port, transport] = SERVER_URL.exec(url) ?? [];
  const host = v6 ?? name;
  if (/^stuns:/i.test(url)) {
    throw new DOMException(
      `The ICE server ${shown(url)} cannot be used: stuns: is not supported`,
      'NotSupportedError',
    );
  }
  if (host === undefined || Number(port ?? 1) > 65_535) {
    throw new DOMException(
      `The ICE server "${shown(url)}" is not a URL like stun:stun.example.org:3478`,
      'SyntaxError',
    );
  }
  const kind = scheme.toLowerCase();
  return {
    scheme: kind,
    host,
    port: port === undefined ? (DEFAULT_PORTS[kind] ?? STUN_PORT) : Number(port),
    transport,
  };
}

const DEFAULT_PORTS: Record<string, number> = { stun: STUN_PORT, turn: TURN_PORT, turns: TURNS_PORT };

function transportOf({ scheme, transport = 'udp' }: ServerUrl): TurnServer['transport'] {
  if (scheme === 'turns') return 'tls';
  return transport.toLowerCase() === 'tcp' ? 'tcp' : 'udp';
}
