import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Abortable, type Signaler, SignalingError, throwIfAborted } from '@ouro/signaling';
import { LineSignaler } from './line-signaler.ts';

const SCHEME = 'test:';

/** Opens the socket of a host. @throws SignalingError `refused`, `aborted` */
export async function openSocket(path: string, { signal }: Abortable): Promise<Socket> {
  throwIfAborted(signal);
  const socket = connect({ path });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (thrown) {
    socket.destroy();
    if (signal.aborted) throw SignalingError.from(signal.reason);
    throw new SignalingError('refused', 'Nobody listens on this socket', { cause: thrown });
  }
}

/** Hosts reached by a unix socket on this machine, `test:/path/to/socket`, as the client has its transports. */
export const test = {
  form: `${SCHEME}/path`,
  parse(text: string) {
    if (!text.startsWith(SCHEME)) return undefined;
    const address = text.slice(SCHEME.length);
    return { transport: 'test', typed: text, name: text, address, host: 'localhost', key: text, local: true };
  },
  async dial({ address }: { readonly address: string }, options: Abortable) {
    const signaler: Signaler = new LineSignaler(await openSocket(address, options));
    return { signaler, [Symbol.asyncDispose]: () => signaler.close() };
  },
};
