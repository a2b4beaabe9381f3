import type { ByteDuplex } from '@ouro/base/node';
import { type Abortable, SignalingError, unlessAborted } from '@ouro/signaling';
import { PipeSignaler } from './pipe-signaler.ts';

/** How the host's end of the pipe is opened. */
export interface HostPipeOptions {
  /** The account SSH logged in: what this transport vouches for. */
  readonly user: string;
}

/** The host's end, inside the `accept` command (or behind its unix socket): it speaks first, with READY. */
export class HostPipe extends PipeSignaler {
  readonly #duplex: ByteDuplex;

  constructor(duplex: ByteDuplex, { user }: HostPipeOptions) {
    super(duplex, { remote: { kind: 'login', user } });
    this.#duplex = duplex;
  }

  /** Tells the client to go on. Call it once, when the agent is reached. @throws SignalingError `lost`, `aborted` */
  async sayReady({ signal }: Abortable): Promise<void> {
    const written = this.#duplex.write(new TextEncoder().encode('READY\n'));
    await unlessAborted(
      written.catch((cause: unknown) =>
        Promise.reject(new SignalingError('lost', 'The SSH channel broke before READY was said', { cause })),
      ),
      signal,
    );
  }
}

/** The host's end of the pipe over any stream of bytes. */
export const openHostPipe = (duplex: ByteDuplex, options: HostPipeOptions): HostPipe =>
  new HostPipe(duplex, options);
