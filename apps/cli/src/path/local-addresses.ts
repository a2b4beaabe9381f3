import { networkInterfaces } from 'node:os';

/** All addresses of this machine, in a stable order. */
export function allAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
  return all.map(({ address }) => address.split('%')[0] ?? address).sort();
}
