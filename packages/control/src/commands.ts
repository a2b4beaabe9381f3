import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { ControlError } from './errors.ts';

/** The commands of a protocol, by name: the schema of each one's arguments. Members that a schema does not name are ignored. */
export type CommandTable = Readonly<Record<string, TSchema>>;

/** The name of a command. */
export type CommandName<C extends CommandTable> = keyof C & string;

/** The arguments of a command. */
export type ArgsOf<C extends CommandTable, T extends CommandName<C>> = Static<C[T]>;

/** One request of the far end, as it came: the command may be unknown and the arguments wrong. */
export interface RawRequest {
  /** Its `message_id`. */
  readonly id: number;
  readonly type: string;
  readonly args: unknown;
}

/** One request of the far end, checked: `type` tells what `args` are. */
export type ControlRequest<C extends CommandTable> = {
  [T in CommandName<C>]: { readonly id: number; readonly type: T; readonly args: ArgsOf<C, T> };
}[CommandName<C>];

/** A request of any provenance as one of the table's. @throws ControlError `bad-message` */
export function checkRequest<C extends CommandTable>(commands: C, request: RawRequest): ControlRequest<C> {
  if (fits(commands, request)) return request;
  const { type, args } = request;
  const schema = schemaOf(commands, type);
  if (!schema) throw new ControlError('bad-message', `The command ${type} is not known here`);
  const where = Value.Errors(schema, args)[0]?.instancePath ?? '';
  throw new ControlError('bad-message', `The arguments of ${type} are wrong${where ? ` at ${where}` : ''}`);
}

function fits<C extends CommandTable>(
  commands: C,
  request: RawRequest,
): request is RawRequest & ControlRequest<C> {
  const schema = schemaOf(commands, request.type);
  return schema !== undefined && Value.Check(schema, request.args);
}

function schemaOf(commands: CommandTable, type: string): TSchema | undefined {
  return Object.hasOwn(commands, type) ? commands[type] : undefined;
}
