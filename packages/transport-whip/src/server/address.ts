/**
 * What counts as one address for a limit: IPv4 whole (also when mapped into IPv6), IPv6 by its /64, since one
 * host has all of that. The zone goes.
 */
export function addressKey(address: string): string {
  const plain = address.split('%', 1)[0]?.toLowerCase() ?? '';
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!plain.includes(':')) return plain;
  return expand(plain).slice(0, 4).join(':');
}

/** The eight groups without leading zeros. */
function expand(address: string): string[] {
  const [head = '', tail] = address.split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill('0'), ...after].map((group) =>
    group.replace(/^0+(?=.)/, ''),
  );
}
