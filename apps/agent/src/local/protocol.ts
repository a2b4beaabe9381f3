import { SignalingError } from '@ouro/signaling';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { MAX_CLIPBOARD_BYTES } from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';

/**
 * What the agent is asked on its unix socket: one JSON object a line, answered by one line. `accept` turns the
 * connection into a pipe of signals after its reply.
 */
export const RequestSchema = Type.Union([
  Type.Object({ type: Type.Literal('status') }),
  /** `restart`: whoever supervises the agent is to start it again; the result says whether there is somebody. */
  Type.Object({ type: Type.Literal('stop'), restart: Type.Optional(Type.Boolean()) }),
  Type.Object({ type: Type.Literal('copy'), data: Type.String({ maxLength: MAX_CLIPBOARD_BYTES }) }),
  Type.Object({ type: Type.Literal('paste') }),
  Type.Object({ type: Type.Literal('accept') }),
]);

export type Request = Static<typeof RequestSchema>;

/** What `stop` with `restart` tells. */
export const StoppingSchema = Type.Object({ supervised: Type.Boolean() });

/** One end of the candidate pair in use. */
const EndSchema = Type.Object({
  address: Type.String(),
  port: Type.Integer(),
  protocol: Type.String(),
  type: Type.String(),
});

/** A peer that is connected or about to be. Times are in ms since the epoch. */
export const PeerStatusSchema = Type.Object({
  fingerprint: Type.Union([Type.String(), Type.Null()]),
  label: Type.Union([Type.String(), Type.Null()]),
  /** The name of the transport that it came by. */
  transport: Type.String(),
  state: Type.String(),
  since: Type.Number(),
  pair: Type.Union([Type.Object({ local: EndSchema, remote: EndSchema }), Type.Null()]),
  version: Type.Union([Type.String(), Type.Null()]),
});

/** A pane whose process runs. */
export const PaneStatusSchema = Type.Object({
  id: Type.Integer(),
  pid: Type.Union([Type.Integer(), Type.Null()]),
  command: Type.Array(Type.String()),
  size: Type.Union([Type.Object({ rows: Type.Integer(), cols: Type.Integer() }), Type.Null()]),
  clients: Type.Integer(),
  since: Type.Number(),
});

/** What `status` tells. */
export const StatusSchema = Type.Object({
  version: Type.String(),
  pid: Type.Integer(),
  fingerprint: Type.String(),
  address: Type.String(),
  /** The UDP and TCP port of all peers; null = each has its own. */
  ice_port: Type.Union([Type.Integer(), Type.Null()]),
  uptime: Type.Number(),
  peers: Type.Array(PeerStatusSchema),
  panes: Type.Array(PaneStatusSchema),
});

export type PeerStatus = Static<typeof PeerStatusSchema>;
export type PaneStatus = Static<typeof PaneStatusSchema>;
export type Status = Static<typeof StatusSchema>;

/** The agent's answer: what was asked for, or a code and words. */
export const ReplySchema = Type.Union([
  Type.Object({ ok: Type.Literal(true), result: Type.Unknown() }),
  Type.Object({ ok: Type.Literal(false), code: Type.String(), message: Type.String() }),
]);

export type Reply = Static<typeof ReplySchema>;

/** One line of JSON. */
export const encodeLine = (value: Request | Reply): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** One line as what it should be. @throws AgentError `bad-message` */
export function decodeLine<Schema extends TSchema>(schema: Schema, line: Uint8Array): Static<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch (cause) {
    throw new AgentError('bad-message', "A line on the agent's socket is no JSON text", { cause });
  }
  if (!Value.Check(schema, value)) {
    throw new AgentError(
      'bad-message',
      "A message on the agent's socket has the wrong form; are both sides of one version?",
    );
  }
  return value;
}

/** A failure as the refusal that tells of it; what is no fault of the caller's gets no words. */
export const toRefusal = (thrown: unknown): Reply & { ok: false } =>
  (thrown instanceof AgentError || thrown instanceof SignalingError) && thrown.code !== 'internal'
    ? { ok: false, code: thrown.code, message: thrown.message }
    : { ok: false, code: 'internal', message: 'The agent met a fault of its own; its log has more' };
