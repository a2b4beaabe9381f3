import { SignalingError } from '@ouro/signaling';
import { MAX_HTTP_REPLY_BYTES } from '../constants.ts';

/** One whole HTTP reply. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Where the head ends and the body begins. */
interface Head {
  readonly status: number;
  readonly headers: Headers;
  readonly bodyStart: number;
}

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/;

function malformed(why: string): SignalingError {
  return new SignalingError('bad-message', `What answers is not an HTTP server as it should be: ${why}`);
}

function decodeHead(bytes: Buffer, start: number): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n', start, 'latin1');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', start, end).split('\r\n');
  const status = STATUS_LINE.exec(first)?.[1];
  if (status === undefined) throw malformed('its first line is no status line');
  const headers = new Headers();
  for (const line of lines) appendField(headers, line);
  return { status: Number(status), headers, bodyStart: end + 4 };
}

/** One field line (RFC 9112 section 5); folded ones are obsolete and refused. */
function appendField(headers: Headers, line: string): void {
  const colon = line.indexOf(':');
  try {
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  } catch (error) {
    throw new SignalingError('bad-message', malformed('a header field is malformed').message, {
      cause: error,
    });
  }
}

/** The last head; those before it are interim ones (1xx). */
function finalHead(bytes: Buffer): Head | undefined {
  let head = decodeHead(bytes, 0);
  while (head !== undefined && head.status < 200) head = decodeHead(bytes, head.bodyStart);
  return head;
}

function contentLength(headers: Headers): number | undefined {
  const text = headers.get('content-length');
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw malformed('its content length is no number');
  return Number(text);
}

/** A chunked body (RFC 9112 section 7.1), trailers unread; undefined while its end has not come. */
function decodeChunks(bytes: Buffer, start: number): Buffer<ArrayBuffer> | undefined {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0) return undefined;
    const size = /^([\da-f]{1,8})(?:[ \t]*;.*)?$/i.exec(bytes.toString('latin1', at, lineEnd))?.[1];
    if (size === undefined) throw malformed('a chunk has no size');
    const end = lineEnd + 2 + Number.parseInt(size, 16);
    if (end === lineEnd + 2) return Buffer.concat(chunks);
    if (bytes.length < end + 2) return undefined;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw malformed('a chunk is longer than it says');
    chunks.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}

/**
 * The reply in what has come so far on a connection that carries one (RFC 9112); undefined while it is not
 * whole. `ended` = nothing more comes.
 * @throws SignalingError `bad-message` when it never will be whole or well-formed, `oversize`
 */
export function decodeReply(bytes: Buffer, ended: boolean): HttpReply | undefined {
  if (bytes.length > MAX_HTTP_REPLY_BYTES) {
    throw new SignalingError('oversize', `The server's reply has over ${MAX_HTTP_REPLY_BYTES} bytes`);
  }
  const head = finalHead(bytes);
  const body = head === undefined ? undefined : decodeBody(bytes, head, ended);
  if (head !== undefined && body !== undefined) return { status: head.status, headers: head.headers, body };
  if (ended) throw new SignalingError('lost', 'The server closed the connection before its reply was whole');
  return undefined;
}

function decodeBody(
  bytes: Buffer,
  { status, headers, bodyStart }: Head,
  ended: boolean,
): Buffer<ArrayBuffer> | undefined {
  if (status === 204 || status === 304) return Buffer.alloc(0);
  const coding = headers.get('transfer-encoding')?.toLowerCase();
  if (coding === 'chunked') return decodeChunks(bytes, bodyStart);
  if (coding !== undefined) throw malformed('its body has an unknown coding');
  const length = contentLength(headers);
  if (length === undefined) return ended ? Buffer.from(bytes.subarray(bodyStart)) : undefined;
  if (bytes.length < bodyStart + length) return undefined;
  return Buffer.from(bytes.subarray(bodyStart, bodyStart + length));
}
