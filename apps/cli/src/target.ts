import { SignalingError } from '@ouro/signaling';
import { MAX_TARGET_LENGTH } from './constants.ts';

/** A host reached by WHIP at an HTTP endpoint. */
export interface WhipTarget {
  readonly road: 'whip';
  /** Whole URL of the endpoint, with its path. */
  readonly url: URL;
  /** As the user typed it, fit to be shown. */
  readonly typed: string;
}

/** A host reached by the user's own SSH login. */
export interface SshTarget {
  readonly road: 'ssh';
  readonly user?: string;
  readonly host: string;
}

/** Where to connect, and by which road. */
export type Target = WhipTarget | SshTarget;

/** The path of an agent's endpoint where the target names none. */
const DEFAULT_PATH = '/offer';

function parseUrl(text: string): WhipTarget {
  if (!URL.canParse(text)) throw new SignalingError('unknown-host', `"${text}" is not a valid URL`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new SignalingError('unknown-host', 'A URL must not hold a user name or password; use --token-file');
  }
  if (url.pathname === '/') url.pathname = DEFAULT_PATH;
  url.hash = '';
  return { road: 'whip', url, typed: printable(text) };
}

/** A host name of ssh's configuration may be an alias of any form; these would be an option or break a command line. */
function isHostName(host: string): boolean {
  return host.length > 0 && !host.startsWith('-') && !/[\s/@'"`$\\;&|<>()]/.test(host) && isPrintable(host);
}

function isPrintable(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return false;
  }
  return true;
}

function parseLogin(text: string): SshTarget {
  const at = text.lastIndexOf('@');
  const user = at < 0 ? undefined : text.slice(0, at);
  const host = text.slice(at + 1);
  const goodUser = user === undefined || (user.length > 0 && !user.startsWith('-') && isPrintable(user));
  if (!isHostName(host) || !goodUser) {
    throw new SignalingError('unknown-host', `"${printable(text)}" is neither a URL nor [user@]host`);
  }
  return user === undefined ? { road: 'ssh', host } : { road: 'ssh', user, host };
}

/** Text from outside made safe to show on a terminal. */
export function printable(text: string): string {
  return Array.from(text, (character) => (isPrintable(character) ? character : '?')).join('');
}

/**
 * The target a user typed: `http(s)://host[:port][/path]` for WHIP (the path is `/offer` where none is
 * given), anything else as `[user@]host` for SSH.
 * @throws SignalingError `unknown-host`
 */
export function parseTarget(text: string): Target {
  if (text.length > MAX_TARGET_LENGTH) throw new SignalingError('unknown-host', 'The target is too long');
  if (/^https?:\/\//i.test(text)) return parseUrl(text);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme !== undefined) {
    throw new SignalingError(
      'unknown-host',
      `Ouro knows no "${scheme}" targets; use http, https or [user@]host`,
    );
  }
  return parseLogin(text);
}

/** Whether the bytes between here and the target never leave this machine. */
export function isLoopback(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
  );
}

/** The target as a person would name it. */
export function targetName(target: Target): string {
  if (target.road === 'whip') return target.url.host;
  return target.user === undefined ? target.host : `${target.user}@${target.host}`;
}
