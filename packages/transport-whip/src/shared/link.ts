import { SignalingError } from '@ouro/signaling';
import { MAX_LINK_CHARS } from './constants.ts';

/** One link of a Link header (RFC 8288): its target as it stands there, and its parameters, names in lower case. */
export interface Link {
  readonly target: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const TARGET = /[ \t,]*<([^<>]*)>[ \t]*/y;
const PARAMETER =
  /;[ \t]*(?:([!#$%&'*+.^_`|~0-9a-z-]+)\*?[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+)))?)?[ \t]*/iy;
const SEPARATOR = /,|$/y;

/**
 * Reads a Link header: several links comma separated, parameters as tokens or quoted strings (RFC 8288 section 3).
 * The first of a repeated parameter counts.
 * @throws SignalingError `bad-message`, `oversize`
 */
export function parseLinkHeader(header: string): Link[] {
  if (header.length > MAX_LINK_CHARS) {
    throw new SignalingError('oversize', `The Link header has over ${MAX_LINK_CHARS} characters`);
  }
  const text = header.trim();
  const links: Link[] = [];
  let at = 0;
  while (at < text.length) {
    const target = match(TARGET, text, at);
    const parameters = new Map<string, string>();
    at += target[0].length;
    while (text[at] === ';') {
      const [whole, name, quoted, token] = match(PARAMETER, text, at);
      at += whole.length;
      const value = quoted?.replace(/\\(.)/g, '$1') ?? token ?? '';
      const key = name?.toLowerCase();
      if (key !== undefined && !parameters.has(key)) parameters.set(key, value);
    }
    links.push({ target: target[1] ?? '', parameters });
    at += match(SEPARATOR, text, at)[0].length;
  }
  return links;
}

/** One link, all parameter values quoted (credentials hold `+`, `/` and `=`). */
export function formatLink(target: string, parameters: Iterable<readonly [string, string]>): string {
  const parts = [...parameters].map(([name, value]) => `; ${name}="${value.replace(/["\\]/g, '\\$&')}"`);
  return `<${target}>${parts.join('')}`;
}

/** Whether the link has this relation among its (space separated, case-insensitive) ones. */
export function hasRelation(link: Link, relation: string): boolean {
  const relations = (link.parameters.get('rel') ?? '').toLowerCase().split(/\s+/);
  return relations.includes(relation);
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (found === null) {
    throw new SignalingError(
      'bad-message',
      `The Link header is malformed at character ${at + 1} (RFC 8288 section 3)`,
    );
  }
  return found;
}
