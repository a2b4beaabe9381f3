import type { ByteDuplex } from '@ouro/base/node';
import { IncomingQueue, SignalingError } from '@ouro/signaling';
import { type HostPipeOptions, openHostPipe } from './pipe/host-pipe.ts';

/** The host's side of SSH as a transport: whoever is asked for `accept` gives the connection to `take`, and the host iterates. */
export class AcceptListener extends IncomingQueue {
  /** Makes a conversation of the stream of one `accept`. Resolves when the host has closed it. Never rejects. */
  async take(duplex: ByteDuplex, options: HostPipeOptions): Promise<void> {
    const signaler = openHostPipe(duplex, options);
    const { remote } = signaler;
    try {
      this.push({ signaler, remote, label: options.user, local: false });
    } catch (thrown) {
      await signaler.close(SignalingError.from(thrown));
    }
    await signaler.closed;
  }
}
