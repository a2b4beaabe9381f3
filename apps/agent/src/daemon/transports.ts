import type { ListenOn } from './transport-host.ts';

/** Every transport by which a far peer may reach this agent, by its name. A new one is one line here. */
export const TRANSPORTS: Readonly<Record<string, ListenOn>> = {
  whip: async (host) => (await import('./transports/whip.ts')).listenWhip(host),
  ssh: async (host) => (await import('./transports/ssh.ts')).listenSsh(host),
};
