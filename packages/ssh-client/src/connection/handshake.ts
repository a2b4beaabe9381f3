import type { Duplex } from 'node:stream';
import { onAbort } from '@ouro/base';
import type { Client, ConnectConfig } from 'ssh2';
import { type SignAtOnce, saveRoundTrip } from '../auth/fast-login.ts';
import type { Identities } from '../auth/key-ring.ts';
import { Login } from '../auth/login.ts';
import { signingAgent } from '../auth/signing-agent.ts';
import type { Ssh2 } from '../auth/ssh2.ts';
import type { SshConfig } from '../config/ssh-config.ts';
import { AUTH_TIMEOUT_MS } from '../constants.ts';
import { abortReason, SshError } from '../errors.ts';
import { fingerprintOf } from '../known-hosts/line.ts';
import { type HostKeyPolicy, verifyHostKey } from '../known-hosts/verify.ts';
import { printable, type SshPrompt } from '../prompt.ts';
import { algorithmsFor } from './algorithms.ts';
import { authFailed, connectFailure } from './failures.ts';
import { connectTimeoutMs } from './socket.ts';

/** All that one login over one open socket needs. */
export interface HandshakeOptions {
  readonly ssh2: Ssh2;
  readonly config: SshConfig;
  readonly socket: Duplex;
  readonly hostKeys: HostKeyPolicy;
  readonly identities: Identities;
  readonly prompt: SshPrompt | undefined;
  readonly onBanner: (text: string) => void;
  /** The host has shown its key: from here on the user may be asked. */
  readonly onHostKey: () => void;
  readonly signal: AbortSignal;
}

/** A client that is logged in, and the key its host proved. */
export interface LoggedIn {
  readonly client: Client;
  readonly hostKey: string | undefined;
}

/** Key exchange, host key and login over an open socket. @throws SshError */
export const handshake = (options: HandshakeOptions): Promise<LoggedIn> => new Handshake(options).run();

class Handshake {
  readonly #options: HandshakeOptions;
  readonly #client: Client;
  readonly #login: Login;
  readonly #signAtOnce: SignAtOnce;
  /** Ends every question when the handshake is over. */
  readonly #over = new AbortController();
  readonly #outcome = Promise.withResolvers<LoggedIn>();
  #hostKey: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HandshakeOptions) {
    const { ssh2, identities, prompt, config } = options;
    this.#options = options;
    this.#client = new ssh2.Client();
    const signal = AbortSignal.any([options.signal, this.#over.signal]);
    const keys = identities.list.length > 0 ? signingAgent(ssh2, identities, prompt, { signal }) : undefined;
    this.#signAtOnce = keys?.signAtOnce ?? (() => undefined);
    this.#login = new Login({ config, agent: keys?.agent, prompt, signal });
  }

  async run(): Promise<LoggedIn> {
    const { signal, socket, config } = this.#options;
    using _abort = onAbort(signal, (reason) => this.#fail(abortReason(reason)));
    this.#limit(connectTimeoutMs(config), 'did not finish the SSH key exchange');
    this.#listen();
    try {
      if (signal.aborted) throw abortReason(signal.reason);
      this.#client.connect(this.#connectConfig());
      saveRoundTrip(this.#client, this.#signAtOnce);
      return await this.#outcome.promise;
    } catch (thrown) {
      this.#client.destroy();
      socket.destroy();
      throw thrown instanceof SshError ? thrown : connectFailure(asError(thrown), config);
    } finally {
      clearTimeout(this.#timer);
      this.#over.abort();
    }
  }

  #connectConfig(): ConnectConfig {
    const { config, socket, hostKeys } = this.#options;
    return {
      sock: socket,
      username: config.user,
      readyTimeout: 0,
      keepaliveInterval: config.serverAliveInterval * 1000,
      keepaliveCountMax: config.serverAliveCountMax,
      algorithms: algorithmsFor(config, hostKeys.known),
      hostVerifier: (key: Buffer, verify: (accepted: boolean) => void) => {
        this.#verify(key).then(
          () => verify(true),
          (thrown: unknown) => {
            this.#fail(asError(thrown));
            verify(false);
          },
        );
      },
      authHandler: (left, _partial, next) => {
        this.#login.next(left).then(
          (method) => (method ? next(method) : this.#fail(this.#refused())),
          (thrown: unknown) => this.#fail(asError(thrown)),
        );
      },
    };
  }

  async #verify(key: Buffer): Promise<void> {
    this.#options.onHostKey();
    this.#limit(AUTH_TIMEOUT_MS, 'did not finish the SSH login');
    const signal = AbortSignal.any([this.#options.signal, this.#over.signal]);
    await verifyHostKey(this.#options.hostKeys, key, { signal });
    this.#hostKey = fingerprintOf(key);
  }

  #listen(): void {
    const { config, onBanner } = this.#options;
    this.#client
      .once('ready', () => this.#outcome.resolve({ client: this.#client, hostKey: this.#hostKey }))
      .on('banner', (text) => onBanner(printable(text)))
      .on('error', (error) => {
        // One key that could not sign is not the end: the next one is tried.
        if (error.level === 'agent') return;
        const isAuth = error.level === 'client-authentication';
        this.#fail(isAuth ? this.#refused(error) : connectFailure(error, config));
      })
      .once('close', () => this.#fail(connectFailure(new Error('the connection was closed'), config)));
  }

  #refused(cause?: Error): SshError {
    const { config, identities, prompt } = this.#options;
    return authFailed(config, this.#login.offered, identities.skipped, prompt !== undefined, cause);
  }

  #limit(ms: number, what: string): void {
    clearTimeout(this.#timer);
    const { hostName } = this.#options.config;
    this.#timer = setTimeout(
      () => this.#fail(new SshError('timeout', `${hostName} ${what} within ${ms / 1000} s; try again`)),
      ms,
    );
  }

  #fail(error: Error): void {
    this.#outcome.reject(error);
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error('unknown failure'));
