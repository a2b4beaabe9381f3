import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import {
  type Authorizer,
  anyOf,
  FileAuthorizer,
  type Identity,
  LoginAuthorizer,
  UnauthorizedError,
} from '@ouro/fingerprint';
import type { IcePort } from '@ouro/ice/port';
import { type Clock, type Logger, PaneStore, SessionError } from '@ouro/session';
import { type IncomingConversation, SignalingError, type TransportListener } from '@ouro/signaling';
import type { TlsFiles } from '@ouro/transport-whip/server';
import { CLIPBOARD_TIMEOUT_MS } from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';
import type { Paths } from '../base/paths.ts';
import type { Config } from '../config/config.ts';
import type { Request, Status } from '../local/protocol.ts';
import { type LocalHandlers, LocalServer } from '../local/server.ts';
import { ownAccount } from '../spawn/environment.ts';
import { Spawner } from '../spawn/spawner.ts';
import { failureFields } from './failure-fields.ts';
import { type HttpListening, listenHttp } from './http.ts';
import { IceServers } from './ice-servers.ts';
import { PeerRegistry } from './peer-registry.ts';
import { openSharedPort } from './shared-port.ts';
import type { TransportHost } from './transport-host.ts';
import { TRANSPORTS } from './transports.ts';

/** What an agent is made of. */
export interface AgentOptions {
  readonly paths: Paths;
  readonly config: Config;
  readonly identity: Identity;
  readonly version: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Somebody starts it again when it ends for a restart. */
  readonly supervised: boolean;
  /** The environment that panes inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the user wants of an agent that is to stop. */
export type StopReason = 'stop' | 'restart';

/** The agent: its transports, its peers and its panes. */
export class Agent implements AsyncDisposable {
  readonly #options: AgentOptions;
  readonly #panes: PaneStore;
  readonly #peers: PeerRegistry;
  readonly #iceServers: IceServers;
  readonly #startedAt: number;
  readonly #stopAsked = Promise.withResolvers<StopReason>();
  readonly #icePortOpened = Promise.withResolvers<IcePort | undefined>();
  #payload = '';
  #icePort: IcePort | undefined;
  #warnings: readonly string[] = [];
  #http: HttpListening | undefined;
  #local: LocalServer | undefined;
  readonly #authorizer: Authorizer;
  readonly #listeners: TransportListener[] = [];
  readonly #serving = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  private constructor(options: AgentOptions) {
    const { config, paths, env, logger, clock, identity, version } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    const account = ownAccount(env);
    const spawner = new Spawner({
      account,
      inherited: env,
      env: config.env.set,
      accept: config.env.accept,
      socket: paths.socket,
      maxTerminals: config.limits.panes,
    });
    this.#panes = new PaneStore({ spawner, logger, clock });
    const payload = { get: () => this.#payload, set: (text: string) => this.#setPayload(text) };
    this.#iceServers = new IceServers(config.iceServers, clock);
    const listed = new FileAuthorizer(paths.authorized, {
      onBadLines: (lines, path) =>
        logger.warn({ path, lines: lines.length }, 'lines that are no fingerprint'),
    });
    this.#authorizer = loggedAuthorizer(anyOf(new LoginAuthorizer(), listed), logger);
    this.#peers = new PeerRegistry({
      config,
      iceServers: this.#iceServers,
      identity,
      panes: this.#panes,
      payload,
      version,
      logger,
      clock,
      icePort: this.#icePortOpened.promise,
      authorizer: this.#authorizer,
    });
  }

  /**
   * Starts to listen. The caller holds the agent's lock.
   *
   * @throws AgentError `port-taken`, `config`, `cannot-create`
   */
  static async start(options: AgentOptions): Promise<Agent> {
    const agent = new Agent(options);
    try {
      await agent.#listen();
    } catch (thrown) {
      await agent[Symbol.asyncDispose]();
      throw thrown;
    }
    return agent;
  }

  async #listen(): Promise<void> {
    const { config, paths, logger } = this.#options;
    const routes: Parameters<TransportHost['route']>[0][] = [];
    let accept: LocalHandlers['accept'] = async () => {};
    const host: TransportHost = {
      authorizer: this.#authorizer,
      user: ownAccount(this.#options.env).name,
      iceServers: (context) => this.#iceServers.announced(context),
      env: this.#options.env,
      route: (add) => routes.push(add),
      accept: (handle) => {
        accept = handle;
      },
    };
    await this.#openTransports(host);
    this.#http = await listenHttp({
      address: config.net.http,
      addressIsSet: config.net.httpIsSet,
      tls: this.#tlsFiles(),
      trustedProxies: config.net.trustedProxies,
      routes,
      icePort: { attach: (socket, firstBytes) => this.#attach(socket, firstBytes) },
      logger,
    });
    this.#warnings = this.#http.warnings;
    await this.#openIcePort(this.#http);
    this.#local = await LocalServer.listen(paths.socket, {
      request: (request, { signal }) => this.#answer(request, { signal }),
      admit: () => this.#peers.admit(),
      accept: (socket, options) => accept(socket, options),
      failed: (error) => this.#failed(error, 'local request'),
    });
  }

  async #openTransports(host: TransportHost): Promise<void> {
    for (const [name, listenOn] of Object.entries(TRANSPORTS)) {
      const listener = await listenOn(host, { signal: this.#stopping.signal });
      this.#listeners.push(listener);
      const serving = this.#serveAll(name, listener).catch((thrown: unknown) =>
        this.#failed(thrown, `the ${name} listener`),
      );
      this.#serving.add(serving);
    }
  }

  /** Paths in the config are relative to its directory. */
  #tlsFiles(): TlsFiles | undefined {
    const { config, paths } = this.#options;
    const { tls } = config.net;
    if (tls === undefined) return undefined;
    return { cert: resolve(paths.configDir, tls.cert), key: resolve(paths.configDir, tls.key) };
  }

  async #openIcePort(http: HttpListening): Promise<void> {
    const { config, logger } = this.#options;
    const { ice, publicAddresses } = config.net;
    if (ice !== undefined) {
      const { port, warnings } = await openSharedPort({ ice, publicAddresses, http, logger });
      this.#icePort = port;
      this.#warnings = [...this.#warnings, ...warnings];
    }
    this.#icePortOpened.resolve(this.#icePort);
  }

  #attach(socket: Socket, firstBytes?: Buffer): void {
    if (this.#icePort === undefined) socket.destroy();
    else this.#icePort.attach(socket, firstBytes);
  }

  /** Sentences for the user about what is not as they may expect. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Where HTTP listens, as a URL. */
  get address(): string {
    return this.#http?.url ?? '';
  }

  /** Resolves when the user asked this agent to stop, with what is to come after. */
  get stopAsked(): Promise<StopReason> {
    return this.#stopAsked.promise;
  }

  /** What `ouro-agent status` tells. */
  status(): Status {
    const { version, identity, clock } = this.#options;
    return {
      version,
      pid: process.pid,
      fingerprint: identity.fingerprint.compact,
      address: this.address,
      ice_port: this.#icePort?.port ?? null,
      uptime: clock.now() - this.#startedAt,
      peers: this.#peers.list(),
      panes: this.#panes.list().map(({ id, pid, argv, size, clients, startedAt }) => ({
        id,
        pid: pid ?? null,
        command: [...argv],
        size: size === undefined ? null : { rows: size.rows, cols: size.cols },
        clients,
        since: startedAt,
      })),
    };
  }

  #setPayload(text: string): void {
    this.#payload = text;
  }

  /** Serves what a transport's listener yields, for as long as it yields. */
  async #serveAll(transport: string, listener: TransportListener): Promise<void> {
    for await (const incoming of listener) {
      const served: Promise<void> = this.#serve(transport, incoming).finally(() =>
        this.#serving.delete(served),
      );
      this.#serving.add(served);
    }
  }

  /** One conversation, from its offer to the end of its peer. Never rejects. */
  async #serve(transport: string, incoming: IncomingConversation): Promise<void> {
    try {
      const { ended } = await this.#peers.connect(incoming, transport);
      await ended;
    } catch (thrown) {
      this.#failed(thrown, `an offer over ${transport}`);
    } finally {
      incoming.session?.closed();
    }
  }

  /** Logs a failure by its code: texts of errors may quote the far end. */
  #failed(thrown: unknown, what: string): void {
    const fields = failureFields(thrown);
    const { logger } = this.#options;
    if (fields.code === 'internal') logger.error({ err: thrown }, `${what} met a fault`);
    else logger.info(fields, `${what} failed`);
  }

  async #answer(
    request: Exclude<Request, { type: 'accept' }>,
    { signal }: { signal: AbortSignal },
  ): Promise<unknown> {
    switch (request.type) {
      case 'status':
        return this.status();
      case 'stop':
        this.#stopAsked.resolve(request.restart === true ? 'restart' : 'stop');
        return request.restart === true ? { supervised: this.#options.supervised } : null;
      case 'copy':
        return this.#clipboard(signal, (options) =>
          this.#panes.setClipboard(request.data, 'text/plain', options),
        );
      case 'paste':
        return this.#clipboard(signal, (options) => this.#panes.getClipboard(options));
    }
  }

  async #clipboard<Result>(
    signal: AbortSignal,
    act: (options: { signal: AbortSignal }) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await act({ signal: AbortSignal.any([signal, AbortSignal.timeout(CLIPBOARD_TIMEOUT_MS)]) });
    } catch (thrown) {
      throw clipboardError(thrown);
    }
  }

  async #endPeers(): Promise<void> {
    this.#stopping.abort(new SignalingError('unavailable', 'The agent is stopping'));
    for (const listener of this.#listeners) await listener[Symbol.asyncDispose]();
    await this.#peers[Symbol.asyncDispose]();
    await this.#icePort?.close();
  }

  /** Stops listening, ends every peer and every pane. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#local?.[Symbol.asyncDispose]();
    this.#icePortOpened.resolve(this.#icePort);
    // Connections of peers may be HTTP's to count: it is closed when they are.
    await Promise.all([this.#http?.[Symbol.asyncDispose](), this.#endPeers()]);
    await this.#panes[Symbol.asyncDispose]();
  }
}

/** Says in the log who was refused: the owner may want to let them in, or to know. */
const loggedAuthorizer = (authorizer: Authorizer, logger: Logger): Authorizer => ({
  authorize: async (request, options) => {
    try {
      return await authorizer.authorize(request, options);
    } catch (thrown) {
      if (thrown instanceof UnauthorizedError)
        logger.warn({ fingerprint: thrown.presented }, 'a stranger was refused');
      throw thrown;
    }
  },
});

const clipboardError = (thrown: unknown): AgentError => {
  const code = thrown instanceof SessionError ? thrown.code : undefined;
  if (code === 'no-client') {
    return new AgentError(
      'no-client',
      'No client is connected whose clipboard could be used; connect with: ouro <host>',
    );
  }
  if (code === 'oversize') return new AgentError('oversize', 'That is more text than a client takes');
  if (code === 'refused')
    return new AgentError('no-client', 'The client did not allow the use of its clipboard');
  return new AgentError('timeout', 'The client did not answer about its clipboard; is its window open?', {
    cause: thrown,
  });
};
