import type { Runtime } from '@ouro/base';
import { type IceSocketSource, localAddresses, udpSockets } from '@ouro/ice';
import { portSockets, tcpActiveSockets } from '@ouro/ice/port';
import type { PeerOptions } from './peer-options.ts';

/** Where a peer's sockets come from, by its options. */
export function socketSources(options: PeerOptions, { clock, random }: Runtime): readonly IceSocketSource[] {
  const {
    iceSockets,
    icePort,
    loopbackOnly = false,
    interfaceAddresses,
    portRange,
    activeTcp = true,
  } = options;
  if (iceSockets !== undefined) return iceSockets;
  const loopback = loopbackOnly ? localAddresses({ loopbackOnly }) : undefined;
  const chosen = interfaceAddresses?.filter((address) => loopback?.includes(address) ?? true) ?? loopback;
  if (icePort !== undefined) return [portSockets(icePort, chosen)];
  const addresses = chosen ?? localAddresses();
  const bind = loopbackOnly || interfaceAddresses !== undefined;
  const dialed = activeTcp ? [tcpActiveSockets(addresses, { bind, clock })] : [];
  return [inOrder([udpSockets(addresses, portRange, random), ...dialed])];
}

/** One source after the other, so that UDP candidates come first. */
function inOrder(sources: readonly IceSocketSource[]): IceSocketSource {
  return {
    async open(user, onSocket) {
      for (const source of sources) await source.open(user, onSocket);
    },
  };
}
