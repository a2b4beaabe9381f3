import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

const LINK_LOCAL = /^(?:169\.254\.|fe[89ab])/i;

/**
 * The addresses to offer to a client whose request came from this machine, the best first: the loopback ones, which
 * work without any network, and then the others, because the request may have come through a tunnel.
 */
export function addressesForLocal(
  interfaces: NodeJS.Dict<readonly NetworkInterfaceInfo[]> = networkInterfaces(),
): string[] {
  const all = Object.values(interfaces).flatMap((infos) => infos ?? []);
  const usable = all.filter(({ address, internal }) => internal || !LINK_LOCAL.test(address));
  return [...usable.filter(({ internal }) => internal), ...usable.filter(({ internal }) => !internal)].map(
    ({ address }) => address,
  );
}
