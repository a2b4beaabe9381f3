import { SignalingError } from '@ouro/signaling';
import { MAX_TARGET_LENGTH } from './constants.ts';
import { printable, type Target } from './target.ts';
import type { ClientTransport } from './transport.ts';
import * as registered from './transports/index.ts';

const TRANSPORTS: Readonly<Record<string, ClientTransport>> = registered;

/** The order in which they are asked whose a target is. */
const IN_TURN = Object.values(TRANSPORTS).sort((a, b) => turnOf(a) - turnOf(b));

function turnOf({ isDefault }: ClientTransport): number {
  return isDefault === true ? 1 : 0;
}

/** How targets are written, for people. */
export const TARGET_FORMS = IN_TURN.map(({ form }) => form).join(', or ');

/** The transport of a target. @throws SignalingError `internal` for a name that is not registered */
export function transportOf({ transport: name }: Target): ClientTransport {
  const transport = Object.hasOwn(TRANSPORTS, name) ? TRANSPORTS[name] : undefined;
  if (transport === undefined) throw new SignalingError('internal', `There is no transport "${name}"`);
  return transport;
}

/**
 * The target a user typed: whatever the first transport that knows its form makes of it.
 * @throws SignalingError `unknown-host`
 */
export function parseTarget(text: string): Target {
  if (text.length > MAX_TARGET_LENGTH) throw new SignalingError('unknown-host', 'The target is too long');
  for (const transport of IN_TURN) {
    const target = transport.parse(text);
    if (target !== undefined) return target;
  }
  throw new SignalingError('unknown-host', `"${printable(text)}" is no target; write ${TARGET_FORMS}`);
}
