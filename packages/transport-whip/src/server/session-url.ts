import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** `host[:port]` as RFC 9110 section 7.2 has it, without what no browser takes: user names, percent-encoding. */
const AUTHORITY = /^(?:\[(?<six>[0-9a-f:.]+)\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?)(?::(?<port>\d{1,5}))?$/i;

const MAX_PORT = 65_535;
/** Longest name of a host with a port, in characters (RFC 1035 section 2.3.4). */
const MAX_AUTHORITY_CHARS = 255 + ':65535'.length;

/**
 * The URL of a session as its client reaches it: pages give it to `fetch()` as it is, and a relative one would go to the
 * page's own origin. A proxy's word counts as far as Fastify's `trustProxy` says. Where the request does not say how it
 * came, it is the local address of its socket; without one (no socket at all) the path alone.
 *
 * @param path begins with `/`
 */
export function sessionUrl(request: FastifyRequest, path: string): string {
  const authority = isAuthority(request.host) ? request.host : localAuthority(request);
  return authority === undefined ? path : `${schemeOf(request)}://${authority}${path}`;
}

function isAuthority(host: string): boolean {
  if (host.length > MAX_AUTHORITY_CHARS) return false;
  const { six, port } = AUTHORITY.exec(host)?.groups ?? {};
  if (six !== undefined && !isIPv6(six)) return false;
  return AUTHORITY.test(host) && Number(port ?? 0) <= MAX_PORT && URL.canParse(`http://${host}/`);
}

function localAuthority({ socket }: FastifyRequest): string | undefined {
  const { localAddress, localPort } = socket;
  if (localAddress === undefined || localPort === undefined) return undefined;
  const [plain = ''] = localAddress.replace(/^::ffff:(?=\d+\.)/i, '').split('%', 1);
  return `${isIPv6(plain) ? `[${plain}]` : plain}:${localPort}`;
}

/** A trusted proxy's word, if it is one; else what the socket is. */
function schemeOf({ protocol, socket }: FastifyRequest): 'http' | 'https' {
  const said = protocol.toLowerCase();
  if (said === 'http' || said === 'https') return said;
  return 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
}
