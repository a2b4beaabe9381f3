import { readFile } from 'node:fs/promises';
import { isLoopback } from '@ouro/base';
import { systemCode } from '@ouro/base/node';
import { SignalingError } from '@ouro/signaling';
import { CliError } from '../errors.ts';
import { printable, type Target } from '../target.ts';
import type { ClientTransport, Dialed, DialOptions } from '../transport.ts';

/** The path of an agent's endpoint where the target names none; it is left out of the names of hosts. */
const USUAL_PATH = '/offer';

/** Hosts reached at an HTTP endpoint: `http(s)://host[:port][/path]`, with `/offer` where no path is given. */
export const whip: ClientTransport = {
  form: 'http(s)://host[:port][/path]',
  parse(text) {
    return /^https?:\/\//i.test(text) ? targetOf(parseUrl(text), text) : undefined;
  },
  dial: dialEndpoint,
};

function parseUrl(text: string): URL {
  if (!URL.canParse(text))
    throw new SignalingError('unknown-host', `"${printable(text)}" is not a valid URL`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new SignalingError('unknown-host', 'A URL must not hold a user name or password; use --token-file');
  }
  if (url.pathname === '/') url.pathname = USUAL_PATH;
  url.hash = '';
  return url;
}

function targetOf(url: URL, text: string): Target {
  const { origin, pathname, host, hostname, protocol } = url;
  const local = isLoopback(hostname);
  return {
    transport: 'whip',
    typed: printable(text),
    name: host,
    address: url.href,
    host: hostname.replace(/^\[|\]$/g, '').toLowerCase(),
    key: pathname === USUAL_PATH ? origin : `${origin}${pathname}`,
    path: pathname,
    local,
    unasked: local && protocol === 'http:',
    tls: protocol === 'https:',
  };
}

/** The code of HTTP is loaded while the rest of the program gets ready. */
async function dialEndpoint(
  { address, tls }: Target,
  { invocation, tlsPin, signal }: DialOptions,
): Promise<Dialed> {
  const { tokenFile } = invocation;
  const [{ dialWhip }, { httpExchange }, token, secure] = await Promise.all([
    import('@ouro/transport-whip/client'),
    import('../http/http-exchange.ts'),
    tokenFile === undefined ? undefined : readToken(tokenFile),
    tls === true ? secureFetch(tlsPin) : undefined,
  ]);
  const options = {
    url: address,
    exchange: httpExchange,
    ...(token === undefined ? {} : { token }),
    ...(secure === undefined ? {} : { fetch: secure }),
  };
  const signaler = await dialWhip(options, { signal });
  return { signaler, [Symbol.asyncDispose]: () => signaler.close() };
}

async function secureFetch(tlsPin: DialOptions['tlsPin']): Promise<typeof fetch> {
  const [{ httpsFetch }, pin] = await Promise.all([import('../http/https-fetch.ts'), tlsPin()]);
  return httpsFetch(pin);
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new CliError(
      'usage',
      `The token file ${path} cannot be read (${systemCode(error) ?? 'unknown failure'}).`,
    );
  }
}
