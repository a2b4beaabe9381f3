import type { Host } from './host.ts';

/**
 * How a NAT maps (RFC 4787 section 4.1): `endpoint-independent` keeps one outer port for all that a socket talks with, as
 * home routers do; `symmetric` takes another one for each far address, as large ones and many phones' do. Both let in
 * only what answers.
 */
export type NatKind = 'endpoint-independent' | 'symmetric';

/** Lets a host pass packets on between its links. */
async function forward(host: Host): Promise<void> {
  await host.must('echo 1 > /proc/sys/net/ipv4/ip_forward');
}

/** Sends all that a host has no link for to another one. */
export async function routeBy(host: Host, gateway: Host): Promise<void> {
  await host.must(['ip', 'route', 'replace', 'default', 'via', gateway.addressTo(host)]);
}

/** Makes the middle of the world of a host: it passes packets on, and what it knows no link for is lost on the way. */
export async function makeInternet(host: Host): Promise<void> {
  await forward(host);
  await host.must('ip link add void arp off type veth peer name nowhere && ip link set nowhere up');
  await host.must('ip link set void up && ip route add default dev void');
}

/** Makes a NAT of a host: those on its other links reach the world by its address on the link to `outside`. */
export async function makeNat(host: Host, outside: Host, kind: NatKind): Promise<void> {
  await forward(host);
  await routeBy(host, outside);
  const own = host.addressTo(outside);
  const mapping = kind === 'symmetric' ? 'masquerade fully-random' : 'masquerade';
  await host.nft(`table ip lab_nat {
    chain out { type nat hook postrouting priority 100; oifname "${await deviceTo(host, outside)}" ${mapping}; }
    chain in { type filter hook input priority 0; ip daddr ${own} ct state new drop; }
  }`);
}

/** The interface of the link to another host. */
async function deviceTo(host: Host, other: Host): Promise<string> {
  const route = await host.must(['ip', '-o', 'route', 'get', other.addressTo(host)]);
  const [, device] = / dev (\S+)/.exec(route) ?? [];
  if (device === undefined) throw new Error(`${host.name} has no link to ${other.name}`);
  return device;
}
