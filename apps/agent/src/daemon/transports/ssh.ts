import type { TransportListener } from '@ouro/signaling';
import { AcceptListener } from '@ouro/transport-ssh/host';
import { acceptStream } from '../../local/accept-stream.ts';
import type { TransportHost } from '../transport-host.ts';

/** Conversations over SSH: sshd has logged the user in and runs `ouro-agent accept`, which connects here. */
export function listenSsh({ user, accept }: TransportHost): TransportListener {
  const listener = new AcceptListener();
  accept((socket) => listener.take(acceptStream(socket), { user }));
  return listener;
}
