import type { Duplex } from 'node:stream';
import type { Abortable } from '@ouro/signaling';
import { KeyRing } from '../auth/key-ring.ts';
import { loadSsh2, type Ssh2 } from '../auth/ssh2.ts';
import { type ExpandContext, expandPath, processContext } from '../config/expand.ts';
import { type ResolveOptions, resolveSshConfig } from '../config/resolve.ts';
import type { SshConfig } from '../config/ssh-config.ts';
import { MAX_JUMPS } from '../constants.ts';
import { SshError } from '../errors.ts';
import { appendKnownHost } from '../known-hosts/append.ts';
import { type KnownHost, lookupKnownHosts } from '../known-hosts/lookup.ts';
import { type HostKeyPolicy, knownHostName } from '../known-hosts/verify.ts';
import type { SshPrompt } from '../prompt.ts';
import { handshake } from './handshake.ts';
import { openProxyCommand } from './proxy-command.ts';
import { openTcp } from './socket.ts';
import { Ssh2Connection } from './ssh2-connection.ts';

/**
 * Who a login waits for: the `network`, where nobody can be asked; or perhaps the `user`, by a question of ours or of a
 * program of others on the terminal (a ProxyCommand, an ssh-agent). Nothing may be drawn over a question.
 */
export type WaitingFor = 'network' | 'user';

/** How a connection is made. */
export interface ConnectOptions extends Abortable {
  /** Asks the user; without it nothing is asked and an unknown host key is refused. */
  readonly prompt?: SshPrompt;
  /** The server's text before login, fit to be shown. */
  readonly onBanner?: (text: string) => void;
  /** Tells who is waited for, each time that changes. Before the first call it may be anybody. */
  readonly onWaitingFor?: (who: WaitingFor) => void;
  /** The ssh-keygen that reads known_hosts; false = read the files ourselves. */
  readonly keygen?: string | false;
  /** Where jumps find their configuration, as for `resolveSshConfig`. */
  readonly configFile?: string;
  readonly sshProgram?: string | false;
  readonly context?: ExpandContext;
}

interface Dial extends ConnectOptions {
  readonly ssh2: Ssh2;
  readonly keys: KeyRing;
  readonly context: ExpandContext;
  readonly jumpsLeft: number;
}

interface Carrier {
  readonly socket: Duplex;
  readonly under: readonly AsyncDisposable[];
}

const overJumps = async (config: SshConfig, dial: Dial): Promise<Carrier> => {
  const hops = [...config.proxyJump];
  const last = hops.pop();
  if (last === undefined) throw new SshError('bad-config', 'ProxyJump names no host');
  if (dial.jumpsLeft <= 0) {
    throw new SshError(
      'bad-config',
      `ProxyJump goes over more than ${MAX_JUMPS} hosts; look for one that names itself in ~/.ssh/config`,
    );
  }
  const options: ResolveOptions = {
    signal: dial.signal,
    context: dial.context,
    ...(dial.configFile ? { configFile: dial.configFile } : {}),
    ...(dial.sshProgram === undefined ? {} : { sshProgram: dial.sshProgram }),
  };
  const resolved = await resolveSshConfig(last, options);
  // The hops in front of the last one are the way to it, whatever its own configuration says.
  const hop = hops.length > 0 ? { ...resolved, proxyJump: hops } : resolved;
  const jump = await connectWith(hop, { ...dial, jumpsLeft: dial.jumpsLeft - 1 });
  try {
    return { socket: await jump.forward(config.hostName, config.port, dial), under: [jump] };
  } catch (thrown) {
    await jump.close();
    throw thrown;
  }
};

const openCarrier = async (config: SshConfig, dial: Dial): Promise<Carrier> => {
  if (config.proxyCommand)
    return { socket: openProxyCommand(config.proxyCommand, config, dial.context), under: [] };
  if (config.proxyJump.length > 0) return overJumps(config, dial);
  dial.onWaitingFor?.('network');
  return { socket: await openTcp(config, dial), under: [] };
};

const hostKeyPolicy = (config: SshConfig, known: readonly KnownHost[], dial: Dial): HostKeyPolicy => {
  const [file] = config.userKnownHostsFiles;
  const name = knownHostName(config);
  return {
    name,
    known,
    strict: config.strictHostKeyChecking,
    prompt: config.batchMode ? undefined : dial.prompt,
    remember: async (key) => {
      if (!file) return;
      await appendKnownHost(expandPath(file, config, dial.context), name, key, {
        hash: config.hashKnownHosts,
      });
    },
  };
};

const connectWith = async (config: SshConfig, dial: Dial): Promise<Ssh2Connection> => {
  if (config.revokedHostKeys) {
    throw new SshError(
      'unsupported',
      'RevokedHostKeys is set, which this SSH client cannot check; use the one of the system: --ssh-program ssh',
    );
  }
  const files = [...config.userKnownHostsFiles, ...config.globalKnownHostsFiles].map((path) =>
    expandPath(path, config, dial.context),
  );
  const lookup = { signal: dial.signal, ...(dial.keygen === undefined ? {} : { keygen: dial.keygen }) };
  // The network is waited for while files and the agent are read.
  const [carrier, known, identities] = await settled(
    openCarrier(config, dial),
    lookupKnownHosts(knownHostName(config), files, lookup),
    dial.keys.identities(config, dial.context),
  );
  try {
    const { client, hostKey } = await handshake({
      ssh2: dial.ssh2,
      config,
      socket: carrier.socket,
      hostKeys: hostKeyPolicy(config, known, dial),
      identities,
      prompt: config.batchMode ? undefined : dial.prompt,
      onBanner: dial.onBanner ?? (() => {}),
      onHostKey: () => dial.onWaitingFor?.('user'),
      signal: dial.signal,
    });
    return new Ssh2Connection(client, {
      user: config.user,
      host: config.host,
      hostKey,
      under: carrier.under,
    });
  } catch (thrown) {
    carrier.socket.destroy();
    for (const under of carrier.under) await under[Symbol.asyncDispose]();
    throw thrown;
  }
};

/** As Promise.all, but an open carrier is let go of when the rest fails. */
const settled = async <A, B>(
  carrier: Promise<Carrier>,
  first: Promise<A>,
  second: Promise<B>,
): Promise<[Carrier, A, B]> => {
  try {
    return await Promise.all([carrier, first, second]);
  } catch (thrown) {
    const open = await carrier.catch(() => undefined);
    open?.socket.destroy();
    for (const under of open?.under ?? []) await under[Symbol.asyncDispose]();
    throw thrown;
  }
};

/**
 * Logs in with ssh2 as this configuration says: over TCP, a ProxyCommand or a chain of jumps; keys of the agent
 * and of files, keyboard-interactive, password.
 *
 * @throws SshError with any of its codes but `bad-target` and `no-agent`
 */
export const connectSsh = async (config: SshConfig, options: ConnectOptions): Promise<Ssh2Connection> => {
  const ssh2Loading = loadSsh2();
  const context = options.context ?? processContext();
  const ssh2 = await ssh2Loading;
  const dial: Dial = { ...options, ssh2, context, keys: new KeyRing(ssh2), jumpsLeft: MAX_JUMPS };
  return connectWith(config, dial);
};
