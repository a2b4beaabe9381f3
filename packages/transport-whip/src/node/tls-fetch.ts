import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { Fingerprint } from '@ouro/fingerprint';
import { SignalingError } from '@ouro/signaling';

/** Whom to trust for `https://`. */
export interface TlsFetchOptions {
  /** The one TLS certificate that the server may show; no authority is asked then. For a host's own self-signed one. */
  readonly pin?: Fingerprint;
}

/** Most redirects followed, as browsers do. */
const MAX_REDIRECTS = 20;

/** Statuses of responses that have no body by definition (Fetch). */
const NULL_BODY = new Set([101, 204, 205, 304]);

/**
 * A `fetch` for Node whose `https://` trusts what the system trusts (and `NODE_EXTRA_CA_CERTS`), or one pinned certificate only. It
 * does what this package's client needs: text bodies, `signal`, redirects. The pin is checked before a byte of the
 * request is sent.
 */
export function tlsFetch({ pin }: TlsFetchOptions = {}): typeof fetch {
  // One connection a request: a handshake has a handful of them.
  const agent = pin === undefined ? new Agent({ ca: trustedCertificates() }) : new PinnedAgent(pin);
  return async (input, init) => {
    const { url, method, headers, body, signal } = await describe(input, init);
    let next = { url, method, headers, body };
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const message = await send(next, agent, signal);
      const location = redirectOf(message, next.url);
      if (location === undefined) return toResponse(message, next.url, hops > 0);
      message.resume();
      next = redirected(next, location, message.statusCode ?? 0);
    }
    throw new SignalingError('bad-message', `${url.host} redirects without end`);
  };
}

interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
}

async function describe(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Outgoing & { signal: AbortSignal }> {
  const request = new Request(input, init);
  const { method, headers, signal } = request;
  return { url: new URL(request.url), method, headers, signal, body: await request.text() };
}

function send(
  { url, method, headers, body }: Outgoing,
  agent: Agent,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const common = { method, headers: Object.fromEntries(headers), signal };
  const request =
    url.protocol === 'https:'
      ? httpsRequest(url, { ...common, agent })
      : httpRequest(url, { ...common, agent: false });
  request.on('response', resolve).on('error', reject);
  request.end(body);
  return promise;
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode);
  const { location } = headers;
  return isRedirect && location !== undefined && URL.canParse(location, from)
    ? new URL(location, from)
    : undefined;
}

/** 307 and 308 keep the request as it is, the others make a POST a GET; a token never goes to another origin (Fetch). */
function redirected(request: Outgoing, url: URL, status: number): Outgoing {
  const headers = new Headers(request.headers);
  if (url.origin !== request.url.origin) headers.delete('authorization');
  if (status === 307 || status === 308) return { ...request, url, headers };
  return { url, method: 'GET', headers, body: '' };
}

function toResponse(message: IncomingMessage, url: URL, wasRedirected: boolean): Response {
  const { statusCode: status = 0 } = message;
  const headers = new Headers();
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    headers.append(message.rawHeaders[i] ?? '', message.rawHeaders[i + 1] ?? '');
  }
  if (NULL_BODY.has(status)) message.resume();
  const response = new Response(NULL_BODY.has(status) ? null : streamOf(message), { status, headers });
  // A Response that was made by hand has no address of its own.
  return Object.defineProperties(response, {
    url: { value: url.href },
    redirected: { value: wasRedirected },
  });
}

function streamOf(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks: AsyncIterator<Uint8Array> = message[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    cancel: () => void message.destroy(),
  });
}

/** The built-in authorities and those of the system. */
function trustedCertificates(): string[] {
  // Not there before Node 22.15.
  if (typeof tls.getCACertificates !== 'function') return [...tls.rootCertificates];
  return [...tls.getCACertificates('default'), ...tls.getCACertificates('system')];
}

type Created = (error: Error | null, socket: Duplex) => void;

/** Connections to a server that shows one certificate. No authority is asked: the pin says more than any of them. */
class PinnedAgent extends Agent {
  readonly #pin: Fingerprint;

  constructor(pin: Fingerprint) {
    super({ keepAlive: false });
    this.#pin = pin;
  }

  override createConnection(options: object, created: Created): undefined {
    const socket = tls.connect({ ...options, rejectUnauthorized: false });
    const fail = (error: Error) => created(error, socket);
    socket.once('error', fail).once('secureConnect', () => {
      socket.off('error', fail);
      showsPin(socket, this.#pin).then(
        () => created(null, socket),
        (error: Error) => {
          socket.destroy();
          fail(error);
        },
      );
    });
  }
}

/** @throws SignalingError `fingerprint-mismatch` */
async function showsPin(socket: tls.TLSSocket, pin: Fingerprint): Promise<void> {
  const shown = socket.getPeerX509Certificate();
  const fingerprint = shown === undefined ? undefined : await Fingerprint.fromDer(shown.raw);
  if (fingerprint?.equals(pin)) return;
  throw new SignalingError(
    'fingerprint-mismatch',
    `The server shows another TLS certificate than the pinned one${fingerprint === undefined ? '' : ` (${fingerprint.compact})`}; compare it on the host`,
  );
}
