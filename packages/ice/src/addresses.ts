import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { canonicalAddress } from '@ouro/base/node';
import { MAX_HOST_ADDRESSES } from './constants.ts';

const LINK_LOCAL = /^(?:169\.254\.|fe[89ab])/i;

/**
 * The local addresses to use, the best first: of all interfaces that are up, without loopback and link-local ones,
 * unless there is nothing else. With `loopbackOnly` those of the loopback interface alone.
 */
export function localAddresses({ loopbackOnly = false } = {}): string[] {
  const all = Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
  const loopback = texts(all.filter(({ internal }) => internal));
  if (loopbackOnly) return loopback;
  const outer = texts(all.filter(({ internal, address }) => !internal && !LINK_LOCAL.test(address)));
  return outer.length > 0 ? outer : loopback;
}

function texts(infos: readonly NetworkInterfaceInfo[]): string[] {
  const addresses = new Set(infos.map(({ address }) => canonicalAddress(address)));
  return [...addresses].slice(0, MAX_HOST_ADDRESSES);
}
