import { SignalingError } from '@ouro/signaling';
import { MAX_TARGET_LENGTH } from './constants.ts';
import { printable, type Target } from './target.ts';
import type { ClientTransport } from './transport.ts';
import { ssh } from './transports/ssh.ts';
import { whip } from './transports/whip.ts';

/** Every transport by its name, asked in this order whose a target is. A new one is one line here. */
const TRANSPORTS: Readonly<Record<string, ClientTransport>> = {
  whip,
  ssh,
};

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
  for (const transport of Object.values(TRANSPORTS)) {
    const target = transport.parse(text);
    if (target !== undefined) return target;
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  throw new SignalingError(
    'unknown-host',
    scheme === undefined
      ? `"${printable(text)}" is neither a URL nor [user@]host`
      : `Ouro knows no "${scheme}" targets; use http, https or [user@]host`,
  );
}
