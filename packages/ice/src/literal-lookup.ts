/** A look-up of a socket, as `node:dgram` calls it. */
type Lookup = (
  host: string,
  options: object,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
) => void;

/**
 * For sockets of one family whose destinations are addresses, never names: answers at once, so that a datagram is on its
 * way when `send` returns. What is no address of the family the system refuses.
 */
export function literalLookup(family: 4 | 6): Lookup {
  return (address, _options, done) => done(null, address, family);
}
