import { SignalingError } from '@ouro/signaling';
import { MAX_ENTITY_TAG_CHARS } from './constants.ts';

/** One entity-tag (RFC 9110 section 8.8.3), without its quotes. */
export interface EntityTag {
  readonly weak: boolean;
  readonly opaque: string;
}

/** An If-Match header: any current representation, or one of these tags. */
export type IfMatch = { readonly any: true } | { readonly any: false; readonly tags: readonly EntityTag[] };

const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y;
const SEPARATOR = /[ \t]*(?:,[ \t]*)+|[ \t]+$/y;

/** A strong entity-tag. `opaque` is of our own making: visible ASCII without a quote. */
export function formatEntityTag(opaque: string): string {
  return `"${opaque}"`;
}

/**
 * The value of an ETag header: one tag, undefined when there is none or it is not one.
 * A client that meets a malformed ETag goes on as if the server had sent none.
 */
export function parseEntityTag(header: string | null | undefined): EntityTag | undefined {
  if (header === null || header === undefined || header.length > MAX_ENTITY_TAG_CHARS) return undefined;
  try {
    const list = parseTagList(header.trim());
    return list.length === 1 ? list[0] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * An If-Match header (RFC 9110 section 13.1.1). Both `*` and `"*"` mean any: RFC 9725 writes the latter in its examples.
 * @throws SignalingError `bad-message`
 */
export function parseIfMatch(header: string): IfMatch {
  const value = header.trim();
  if (value.length > MAX_ENTITY_TAG_CHARS) throw malformed();
  if (value === '*' || value === '"*"') return { any: true };
  return { any: false, tags: parseTagList(value) };
}

/** Whether the current strong tag satisfies the condition: weak tags never do (RFC 9110 section 8.8.3.2). */
export function ifMatchAllows(condition: IfMatch, current: string): boolean {
  return condition.any || condition.tags.some((tag) => !tag.weak && tag.opaque === current);
}

function parseTagList(value: string): EntityTag[] {
  const tags: EntityTag[] = [];
  let at = 0;
  while (at < value.length) {
    TAG.lastIndex = at;
    const match = TAG.exec(value);
    if (match === null) throw malformed();
    tags.push({ weak: match[1] !== undefined, opaque: match[2] ?? '' });
    at = TAG.lastIndex;
    if (at === value.length) break;
    SEPARATOR.lastIndex = at;
    if (!SEPARATOR.test(value)) throw malformed();
    at = SEPARATOR.lastIndex;
  }
  if (tags.length === 0) throw malformed();
  return tags;
}

function malformed(): SignalingError {
  return new SignalingError(
    'bad-message',
    'If-Match is neither * nor a list of entity-tags (RFC 9110 section 13.1.1)',
  );
}
