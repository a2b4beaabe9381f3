import { ManualClock, seededBytes } from '@ouro/test-kit';
import { DtlsEndpoint, type DtlsError, type DtlsIdentity, type DtlsRole } from '../../src/index.ts';
import { dtlsIdentity } from './identity.ts';

/** Changes a datagram on its way, drops it (nothing), or multiplies it. */
export type OnPath = (datagram: Buffer, from: DtlsRole) => Buffer[];

interface EndInit {
  readonly clock: ManualClock;
  readonly identity: DtlsIdentity;
  readonly transmit: (datagram: Buffer) => void;
}

/** One end and all that it said to its user. */
export class End {
  readonly endpoint: DtlsEndpoint;
  readonly received: string[] = [];
  connected = 0;
  closed: { error: DtlsError | undefined } | undefined;
  certificate: Buffer | undefined;

  constructor(role: DtlsRole, { clock, identity, transmit }: EndInit) {
    this.endpoint = new DtlsEndpoint({
      role,
      clock,
      random: seededBytes(role === 'client' ? 1 : 2),
      identity,
      checkCertificate: (der) => {
        this.certificate = der;
      },
      transmit,
      onConnected: () => {
        this.connected += 1;
      },
      onData: (data) => this.received.push(data.toString()),
      onClosed: (error) => {
        this.closed = { error };
      },
    });
  }
}

/** A client and a server with a path between them whose datagrams wait until `run`. */
export class DtlsPair {
  readonly clock = new ManualClock();
  readonly client: End;
  readonly server: End;
  /** Everything that was transmitted, before `onPath`. */
  readonly log: { from: DtlsRole; datagram: Buffer }[] = [];
  onPath: OnPath = (datagram) => [datagram];
  readonly #waiting: { to: DtlsRole; datagram: Buffer }[] = [];

  constructor(clientIdentity: DtlsIdentity, serverIdentity: DtlsIdentity) {
    const end = (role: DtlsRole, identity: DtlsIdentity): End =>
      new End(role, { clock: this.clock, identity, transmit: (datagram) => this.#transmit(role, datagram) });
    this.client = end('client', clientIdentity);
    this.server = end('server', serverIdentity);
  }

  static async create(): Promise<DtlsPair> {
    const [client, server] = await Promise.all([dtlsIdentity(), dtlsIdentity()]);
    return new DtlsPair(client, server);
  }

  start(): this {
    this.server.endpoint.start();
    this.client.endpoint.start();
    this.run();
    return this;
  }

  /** Delivers until nothing is on its way. */
  run(): void {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this[next.to].endpoint.receive(next.datagram);
    }
  }

  close(): void {
    this.client.endpoint.close();
    this.server.endpoint.close();
    this.run();
  }

  #transmit(from: DtlsRole, datagram: Buffer): void {
    this.log.push({ from, datagram });
    const to = from === 'client' ? 'server' : 'client';
    this.#waiting.push(...this.onPath(datagram, from).map((changed) => ({ to, datagram: changed }) as const));
  }
}
