import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { onAbort } from '@ouro/base';
import { type ByteDuplex, duplexFromStreams } from '@ouro/base/node';
import { parseSshTarget } from '../config/target.ts';
import { SshError } from '../errors.ts';
import type { ChannelOptions, ExitStatus, SshChannel, SshConnection, SshSignal } from './connection.ts';

/** A system's ssh as the carrier. */
export interface SshProgramOptions {
  /** The program: `ssh`, or a path. */
  readonly program: string;
  /** `[user@]host` as it takes it. */
  readonly target: string;
  /** Options in front of the destination. */
  readonly args?: readonly string[];
}

/** OpenSSH's own failures, as opposed to those of the far command. */
const SSH_FAILED = 255;

class ProgramChannel implements SshChannel {
  readonly exited: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  readonly #duplex: ByteDuplex;
  readonly #stdin: Writable;
  readonly #stderr: Readable;

  constructor(
    child: ChildProcess,
    streams: { stdin: Writable; stdout: Readable; stderr: Readable },
    program: string,
  ) {
    this.#child = child;
    this.#stdin = streams.stdin;
    this.#stderr = streams.stderr;
    this.#duplex = duplexFromStreams(streams.stdout, streams.stdin, () => child.kill());
    this.exited = new Promise((resolve, reject) => {
      child.once('error', (cause) => reject(notStarted(program, cause)));
      child.once('close', (code, signal) => {
        if (code === SSH_FAILED)
          reject(
            new SshError(
              'lost',
              `${program} could not connect, or lost the connection; what it said stands above`,
            ),
          );
        else resolve({ code, signal: signal?.replace(/^SIG/, '') ?? null });
      });
    });
    this.exited.catch(() => {});
  }

  get readable(): AsyncIterable<Uint8Array> {
    return this.#duplex.readable;
  }

  get stderr(): AsyncIterable<Uint8Array> {
    return bytes(this.#stderr);
  }

  discardStderr(): void {
    this.#stderr.resume();
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#duplex.write(chunk);
  }

  async eof(): Promise<void> {
    this.#stdin.end();
  }

  end(): Promise<void> {
    return this.#duplex.end();
  }

  /** ssh itself watches the size of the terminal it runs on. */
  resize(): void {}

  kill(signal: SshSignal): void {
    this.#child.kill(`SIG${signal}`);
  }
}

async function* bytes(source: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) if (chunk instanceof Uint8Array) yield chunk;
}

/**
 * The stdio of a child process that carries an SSH session (or `accept` itself) as a channel. Its three streams must
 * be pipes; its exit status is the far command's, 255 that of the carrier's own failure.
 */
export const channelFromChild = (
  child: ChildProcessWithoutNullStreams,
  program = child.spawnfile,
): SshChannel => new ProgramChannel(child, child, program);

const notStarted = (program: string, cause: unknown): SshError =>
  new SshError(
    'unsupported',
    `${program} cannot be started; install OpenSSH's client, or leave --ssh-program out`,
    { cause },
  );

/**
 * The system's OpenSSH as the carrier, with everything it is configured for: FIDO keys, GSSAPI, host certificates,
 * a shared ControlMaster. Each channel is one run of it; it asks its questions on the terminal itself.
 */
export class SshProgramConnection implements SshConnection {
  readonly user: string;
  readonly host: string;
  readonly hostKey = undefined;
  readonly closed: Promise<Error | undefined>;
  readonly #options: SshProgramOptions;
  readonly #channels = new Set<SshChannel>();
  readonly #gone = Promise.withResolvers<undefined>();

  /** @throws SshError `bad-target` */
  constructor(options: SshProgramOptions) {
    const { user, host } = parseSshTarget(options.target);
    this.user = user ?? '';
    this.host = host;
    this.#options = options;
    this.closed = this.#gone.promise;
  }

  async exec(command: string, options: ChannelOptions): Promise<SshChannel> {
    return this.#run([command], options);
  }

  async shell(options: ChannelOptions): Promise<SshChannel> {
    return this.#run([], options);
  }

  #run(command: readonly string[], { pty, env, signal }: ChannelOptions): SshChannel {
    const { program, target, args = [] } = this.#options;
    const names = Object.entries(env ?? {}).flatMap(([name, value]) => [
      '-o',
      `SetEnv=${name}="${value.replaceAll('"', '')}"`,
    ]);
    const child = spawn(program, [...args, ...names, pty ? '-tt' : '-T', '--', target, ...command], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const channel = new ProgramChannel(child, child, program);
    const abort = onAbort(signal, () => child.kill());
    this.#channels.add(channel);
    channel.exited
      .catch(() => {})
      .finally(() => {
        this.#channels.delete(channel);
        abort[Symbol.dispose]();
      });
    return channel;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#channels].map((channel) => channel.end()));
    this.#gone.resolve(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Runs one command on a host by the system's OpenSSH. @throws SshError `bad-target` */
export const openSshProgram = (
  options: SshProgramOptions,
  command: string,
  channel: ChannelOptions,
): Promise<SshChannel> => new SshProgramConnection(options).exec(command, channel);
