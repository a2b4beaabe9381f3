import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { MAX_OUTPUT_BYTES } from './constants.ts';
import type { Host } from './host.ts';
import { killInner } from './host-process.ts';

/**
 * A TCP port on the machine's loopback that leads into a host without any link: each connection is handed, as it is,
 * to a process of the host as its stdin and stdout (what inetd does). So a test within this process reaches a server of
 * a host, and the port is never taken by another.
 */
export class Door implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #children = new Map<ChildProcess, Promise<void>>();
  #log = '';

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** Opens a door to a command of the host. */
  static async open(host: Host, command: readonly string[]): Promise<Door> {
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The door has no port');
    const door = new Door(server, address.port);
    server.on('connection', (socket) => door.#enter(socket, host.argv(command)));
    return door;
  }

  #enter(socket: Socket, [program = '', ...args]: string[]): void {
    const child = spawn(program, args, { stdio: [socket, socket, 'pipe'] });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString('utf8')).slice(-MAX_OUTPUT_BYTES);
    });
    // The process has the connection now; ours would hold it open behind its back.
    socket.destroy();
    const ended = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('close', () => resolve());
    });
    this.#children.set(child, ended);
    ended.finally(() => this.#children.delete(child)).catch(() => {});
  }

  /** What the processes behind the door wrote on stderr. */
  get log(): string {
    return this.#log;
  }

  /** Kills what runs behind it: each connection breaks as if its server had died. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#children.keys()].map((child) => killInner(child, 'SIGKILL')));
  }

  /** Takes no more connections; those that there are go on. */
  async shut(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.shut();
    const ended = [...this.#children.values()];
    for (const child of this.#children.keys()) {
      if (!(await killInner(child, 'SIGKILL'))) child.kill('SIGKILL');
    }
    await Promise.all(ended);
    await closed;
  }
}
