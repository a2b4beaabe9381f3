import { SignalingError } from '@ouro/signaling';
import { MAX_HTTP_REPLY_BYTES } from '../constants.ts';

/** One whole HTTP reply. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Fields;
  readonly body: Uint8Array;
}

/** The header fields of a reply, by name in any case; several of one name are joined by a comma (RFC 9110 section 5.3). */
export class Fields {
  readonly #values = new Map<string, string>();

  /** @throws SignalingError `bad-message` */
  add(line: string): void {
    const [, name, value] = FIELD_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) throw malformed('a header field is malformed');
    const key = name.toLowerCase();
    const before = this.#values.get(key);
    this.#values.set(key, before === undefined ? value : `${before}, ${value}`);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }
}

/** Where the head ends and the body begins. */
interface Head {
  readonly status: number;
  readonly headers: Fields;
  readonly bodyStart: number;
}

/** RFC 9112 section 5, one line of visible characters; folded ones are obsolete and refused. */
const FIELD_LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*((?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[ \t]*$/;
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
  const headers = new Fields();
  for (const line of lines) headers.add(line);
  return { status: Number(status), headers, bodyStart: end + 4 };
}

/** The last head; those before it are interim ones (1xx). */
function finalHead(bytes: Buffer): Head | undefined {
  let head = decodeHead(bytes, 0);
  while (head !== undefined && head.status < 200) head = decodeHead(bytes, head.bodyStart);
  return head;
}

function contentLength(headers: Fields): number | undefined {
  const text = headers.get('content-length');
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw malformed('its content length is no number');
  return Number(text);
}

/** A chunked body (RFC 9112 section 7.1), trailers unread; undefined while its end has not come. */
function decodeChunks(bytes: Buffer, start: number): Buffer | undefined {
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

function decodeBody(bytes: Buffer, { status, headers, bodyStart }: Head, ended: boolean): Buffer | undefined {
  if (status === 204 || status === 304) return Buffer.alloc(0);
  const coding = headers.get('transfer-encoding')?.toLowerCase();
  if (coding === 'chunked') return decodeChunks(bytes, bodyStart);
  if (coding !== undefined) throw malformed('its body has an unknown coding');
  const length = contentLength(headers);
  if (length === undefined) return ended ? bytes.subarray(bodyStart) : undefined;
  if (bytes.length < bodyStart + length) return undefined;
  return bytes.subarray(bodyStart, bodyStart + length);
}
