import { isIPv6 } from 'node:net';
import { AgentError } from '../base/errors.ts';

/** Where a server listens. Port 0 = any free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const FORM = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/;

/** `host:port`, `[ipv6]:port` or `:port` (every address). @throws AgentError `config` */
export function parseAddress(text: string): Address {
  const [, six, other, digits] = FORM.exec(text) ?? [];
  const port = Number(digits ?? 'NaN');
  if (!(port <= 65_535)) {
    throw new AgentError('config', `net.http_server "${text}" is not an address; write it as 127.0.0.1:7777`);
  }
  return { host: six ?? (other === undefined || other === '' ? '::' : other), port };
}

/** An address as a URL's authority. */
export const formatAddress = ({ host, port }: Address): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
