const HEADER = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/;
const KEY = /^\s*("[^"]*"|'[^']*'|[\w-]+)\s*=/;

const unquote = (text: string): string => text.replace(/^["']|["']$/g, '');

/**
 * The line of a TOML text, from 1, on which the value at `path` is set; the one of its table when the key
 * itself is not found; undefined when neither is. A guide for people: dotted keys and inline tables give
 * the line they start on or none.
 *
 * @param path keys and array indexes, as in `['ice_servers', '0', 'urls']`
 */
export function lineOf(toml: string, path: readonly string[]): number | undefined {
  const keys = path.filter((step) => !/^\d+$/.test(step));
  const index = Number(path.find((step) => /^\d+$/.test(step)) ?? '0');
  const [table, key] = keys.length > 1 ? [keys[0], keys[1]] : [undefined, keys[0]];
  let current: string | undefined;
  let seen = -1;
  let tableLine: number | undefined;
  for (const [number, line] of toml.split('\n').entries()) {
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) {
      seen = current === unquote(header) ? seen + 1 : 0;
      current = unquote(header);
      if (current === (table ?? key) && seen === index) tableLine = number + 1;
      continue;
    }
    const found = KEY.exec(line)?.[1];
    if (found === undefined || unquote(found) !== key || current !== table) continue;
    if (table === undefined || seen === index) return number + 1;
  }
  return tableLine;
}
