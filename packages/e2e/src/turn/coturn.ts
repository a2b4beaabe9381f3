import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../lab/host.ts';
import { HostProcess } from '../lab/host-process.ts';
import { killAndWait, spawnBound } from '../lab/run.ts';
import { until } from '../lab/until.ts';
import type { Certificates } from './certificates.ts';

/** Who may use the server, and what it has besides. */
export interface CoturnSpec {
  /** A user of its own, as `name:password`, or the secret of credentials that expire. */
  readonly auth: { readonly user: string } | { readonly secret: string };
  readonly certificates?: Certificates;
}

const REALM = 'turn.test';

/** A real coturn: STUN and TURN over UDP, TCP and, with certificates, TLS. */
export class Coturn implements AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly #end: () => Promise<void>;
  readonly #process: HostProcess;

  private constructor(
    listens: { address: string; port: number; tlsPort: number },
    process: HostProcess,
    end: () => Promise<void>,
  ) {
    this.address = listens.address;
    this.port = listens.port;
    this.tlsPort = listens.tlsPort;
    this.#process = process;
    this.#end = end;
  }

  /** On loopback of this machine; relays between addresses of it. */
  static async onLoopback(spec: CoturnSpec): Promise<Coturn> {
    const directory = await mkdtemp(join(tmpdir(), 'ouro-coturn-'));
    const listens = { address: '127.0.0.1', port: await freePort(), tlsPort: await freePort() };
    const file = join(directory, 'turnserver.conf');
    await writeFile(file, config({ ...listens, directory, spec, extra: ['allow-loopback-peers'] }));
    const child = spawnBound(['turnserver', '-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    return await Coturn.#ready(
      new Coturn(listens, new HostProcess(child), async () => {
        await killAndWait(child);
        await rm(directory, { recursive: true, force: true });
      }),
    );
  }

  /** On a host of the lab, at its standard ports and one of its addresses. */
  static async onHost(host: Host, address: string, spec: CoturnSpec): Promise<Coturn> {
    const listens = { address, port: 3478, tlsPort: 5349 };
    const file = '/etc/turnserver-lab.conf';
    await host.writeFile(file, config({ ...listens, directory: '/tmp', spec, extra: [] }));
    const process = host.spawn(['turnserver', '-c', file]);
    return await Coturn.#ready(new Coturn(listens, process, () => process[Symbol.asyncDispose]()));
  }

  static async #ready(server: Coturn): Promise<Coturn> {
    try {
      await until(() => server.log.includes('Total General servers'), { what: () => server.log });
      return server;
    } catch (thrown) {
      await server[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** What it has said so far. */
  get log(): string {
    return this.#process.output;
  }

  /** Its URL; `tls` names it as `host`. */
  url(transport: 'udp' | 'tcp' | 'tls', host = this.address): string {
    return transport === 'tls'
      ? `turns:${host}:${this.tlsPort}?transport=tcp`
      : `turn:${host}:${this.port}?transport=${transport}`;
  }

  get stunUrl(): string {
    return `stun:${this.address}:${this.port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

interface ConfigParts {
  readonly address: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly directory: string;
  readonly spec: CoturnSpec;
  readonly extra: readonly string[];
}

function config({ address, port, tlsPort, directory, spec, extra }: ConfigParts): string {
  const { auth, certificates } = spec;
  return [
    `listening-ip=${address}`,
    `relay-ip=${address}`,
    `listening-port=${port}`,
    ...(certificates === undefined
      ? ['no-tls', 'no-dtls']
      : [
          `tls-listening-port=${tlsPort}`,
          `cert=${certificates.certificate}`,
          `pkey=${certificates.key}`,
          'no-dtls',
        ]),
    `realm=${REALM}`,
    'lt-cred-mech',
    ...('user' in auth ? [`user=${auth.user}`] : ['use-auth-secret', `static-auth-secret=${auth.secret}`]),
    `userdb=${join(directory, 'users.sqlite')}`,
    `pidfile=${join(directory, 'turnserver.pid')}`,
    'log-file=stdout',
    'verbose',
    'no-cli',
    'fingerprint',
    'no-software-attribute',
    'relay-threads=1',
    ...extra,
    '',
  ].join('\n');
}

/** A port that neither TCP nor UDP uses. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return port;
  } finally {
    socket.close();
    server.close();
  }
}
