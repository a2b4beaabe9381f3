import type { ArgsOf, CommandName, CommandTable, ControlChannel, ControlRequest } from '@ouro/control';
import { type Static, type TSchema, Type } from 'typebox';

/** A pane id: a positive integer, which older clients also write as a decimal string. */
const PaneId = Type.Union([
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: '^[0-9]{1,15}$' }),
]);
/** A marker is acked whatever it is, as long as it can be one: an older client may have any of its own making. */
const Marker = Type.Union([Type.Integer(), Type.String({ pattern: '^-?[0-9]{1,15}$' })]);
const Optional = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const Text = Type.String();
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const NoArgs = Type.Unknown();

/** Longest reason of a refusal, in UTF-16 units: a few lines for a person. */
export const MAX_REASON_LENGTH = 1000;

/** Longest name of a purpose that a refusal repeats, in UTF-16 units. */
export const MAX_PROTOCOL_LENGTH = 255;

/** SCTP stream ids are 0 to 65,534 (RFC 8832 section 6). */
const StreamId = Type.Integer({ minimum: 0, maximum: 65_534 });

/** Signals a client may send to the process of a pane, without their `SIG`. */
export const SIGNAL_NAMES = ['INT', 'TERM', 'HUP', 'QUIT', 'KILL', 'USR1', 'USR2'] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

/** Who each peer is, as `hello` carries it both ways. */
export const PeerInfoSchema = Type.Object({
  version: Type.String({ maxLength: 64 }),
  protocol: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  features: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 }),
});
export type PeerInfo = Static<typeof PeerInfoSchema>;

/** Arguments of every command on `%`: one source for the types and the checks. Members not named are ignored. */
export const COMMANDS = {
  /** client: open a pane. No `rows` and `cols`: on pipes, without a pty. `parent` 0 is none. */
  add_pane: Type.Object({
    command: Type.Union([Text, Type.Array(Text, { maxItems: 4096 })]),
    rows: Optional(Type.Integer()),
    cols: Optional(Type.Integer()),
    parent: Optional(PaneId),
    env: Optional(Type.Record(Type.String(), Text)),
  }),
  /** client: attach to a pane that runs. */
  reconnect_pane: Type.Object({ id: PaneId }),
  /** client, and from the agent to the other clients: `sx` columns, `sy` rows. */
  resize: Type.Object({ pane_id: PaneId, sx: Type.Integer(), sy: Type.Integer() }),
  /** client: remember each pane's place. */
  mark: NoArgs,
  /** client: later reconnects replay from the marker. */
  restore: Type.Object({ marker: Optional(Marker) }),
  get_payload: NoArgs,
  /** Either spelling; an older client writes `Payload`. */
  set_payload: Type.Union([
    Type.Object({ payload: Type.Unknown() }),
    Type.Object({ Payload: Type.Unknown() }),
  ]),
  /** agent */
  get_clipboard: NoArgs,
  /** agent */
  set_clipboard: Type.Object({ data: Text, mimetype: Type.Optional(Type.String({ maxLength: 255 })) }),
  /** client, first: says that it knows the commands below. */
  hello: PeerInfoSchema,
  /** agent: the process ended; `bytes` counts what was sent on this client's channels of the pane. */
  exit: Type.Object({
    pane_id: PaneId,
    code: Type.Union([Type.Integer(), Type.Null()]),
    signal: Type.Union([Type.String({ maxLength: 32 }), Type.Null()]),
    bytes: Type.Object({ stdout: Count, stderr: Count }),
  }),
  /** agent, before it acks a mark: bytes sent on each channel, by label; acked when they have all come. */
  marked: Type.Object({ channels: Type.Record(Type.String(), Count) }),
  /** agent, to clients with the feature `bye`, before it closes the session in order: why. */
  bye: Type.Object({ reason: Type.String({ maxLength: 64 }) }),
  /** client: its input of the pane ends after this many bytes. */
  eof: Type.Object({ pane_id: PaneId, bytes: Count }),
  /** client */
  signal: Type.Object({ pane_id: PaneId, name: Type.Enum(SIGNAL_NAMES) }),
  /** agent: it has taken the channel that the client opened with a `protocol`. */
  accepted: Type.Object({ channel: StreamId }),
  /**
   * either end, to the one that opened the channel: it is not served, and is closed when this is acked. `code` is a
   * SessionErrorCode; one that is not known counts as `refused`.
   */
  refused: Type.Object({
    channel: StreamId,
    protocol: Type.String({ maxLength: MAX_PROTOCOL_LENGTH }),
    code: Type.String({ maxLength: 64 }),
    reason: Type.String({ maxLength: MAX_REASON_LENGTH }),
  }),
} as const satisfies CommandTable;

/** All commands, as a type. */
export type Commands = typeof COMMANDS;
/** The name of a command. */
export type CommandType = CommandName<Commands>;
/** The arguments of a command. */
export type CommandArgs<T extends CommandType> = ArgsOf<Commands, T>;
/** The `%` channel. */
export type SessionControl = ControlChannel<Commands>;
/** One request on it, checked. */
export type SessionRequest = ControlRequest<Commands>;
