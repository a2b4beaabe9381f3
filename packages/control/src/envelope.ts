import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { MAX_CONTROL_MESSAGE_BYTES, MAX_TYPE_LENGTH } from './constants.ts';
import { ControlError } from './errors.ts';

const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const WithId = Type.Object({ message_id: Id });
const EnvelopeSchema = Type.Object({
  message_id: Id,
  type: Type.String({ minLength: 1, maxLength: MAX_TYPE_LENGTH }),
  args: Type.Optional(Type.Unknown()),
});
const ReplySchema = Type.Object({
  ref: Id,
  body: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  desc: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

/** What a message on the control channel says. */
export type Message =
  | { kind: 'request'; id: number; type: string; args: unknown }
  | { kind: 'ack'; ref: number; body: string }
  | { kind: 'nack'; ref: number; desc: string }
  /** Not a message; `id` is there if the sender can be told. */
  | { kind: 'bad'; problem: ControlError; id: number | undefined };

const bad = (code: 'bad-message' | 'oversize', text: string, id?: number): Message => ({
  kind: 'bad',
  problem: new ControlError(code, text),
  id,
});

/** The data of a message event, of any provenance, as a message. Never throws. */
export function decodeMessage(data: unknown): Message {
  const text = asText(data);
  if (typeof text !== 'string') return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('bad-message', 'A control message is not JSON');
  }
  return fromValue(value);
}

function asText(data: unknown): string | Message {
  const length = typeof data === 'string' ? data.length : byteLength(data);
  if (length === undefined) return bad('bad-message', 'A control message is neither text nor bytes');
  if (length > MAX_CONTROL_MESSAGE_BYTES) {
    return bad('oversize', `A control message is over ${MAX_CONTROL_MESSAGE_BYTES} bytes`);
  }
  if (typeof data === 'string') return data;
  if (!(data instanceof ArrayBuffer || data instanceof Uint8Array)) {
    return bad('bad-message', 'A control message is neither text nor bytes');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return bad('bad-message', 'A control message is not UTF-8');
  }
}

const byteLength = (data: unknown) =>
  data instanceof ArrayBuffer || data instanceof Uint8Array ? data.byteLength : undefined;

function fromValue(value: unknown): Message {
  if (!Value.Check(EnvelopeSchema, value)) {
    const id = Value.Check(WithId, value) ? value.message_id : undefined;
    return bad('bad-message', 'A control message has no proper message_id and type', id);
  }
  if (value.type !== 'ack' && value.type !== 'nack') {
    return { kind: 'request', id: value.message_id, type: value.type, args: value.args };
  }
  // A reply is never answered, however bad: two ends would go on for ever.
  if (!Value.Check(ReplySchema, value.args)) return bad('bad-message', `An ${value.type} has no proper ref`);
  const { ref, body, desc } = value.args;
  if (value.type === 'ack') return { kind: 'ack', ref, body: body ?? '' };
  return { kind: 'nack', ref, desc: desc ?? '' };
}

/** The fields of one outgoing message, in the order in which they are written. */
export interface Envelope {
  /** Milliseconds since the epoch. */
  time: number;
  message_id: number;
  type: string;
  args: unknown;
}

/** An envelope as UTF-8 JSON. @throws ControlError `oversize`; `bad-message` for what JSON cannot hold */
export function encodeEnvelope(envelope: Envelope): Uint8Array<ArrayBuffer> {
  let text: string;
  try {
    text = JSON.stringify(envelope);
  } catch (cause) {
    throw new ControlError('bad-message', `The arguments of ${envelope.type} cannot be written as JSON`, {
      cause,
    });
  }
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_CONTROL_MESSAGE_BYTES) {
    const limit = `${MAX_CONTROL_MESSAGE_BYTES} bytes`;
    throw new ControlError(
      'oversize',
      `A ${envelope.type} message of ${bytes.length} bytes is over the limit of ${limit}`,
    );
  }
  return bytes;
}
