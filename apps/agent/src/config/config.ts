import { isIP } from 'node:net';
import {
  DEFAULT_ACCEPTED_ENV,
  DEFAULT_GATHERING_MS,
  DEFAULT_HTTP_SERVER,
  DEFAULT_MAX_PANES,
  DEFAULT_MAX_PEERS,
  DEFAULT_MAX_PEERS_PER_FINGERPRINT,
  DEFAULT_TRUSTED_PROXIES,
  DEFAULT_TURN_TTL_S,
  MAX_ACK_TIMEOUT_MS,
} from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';
import { type Address, parseAddress } from './address.ts';
import type { ConfigFile } from './schema.ts';

/** A STUN or TURN server in the shape of W3C RTCIceServer, or with the secret that credentials are made from. */
export interface IceServer {
  readonly urls: string | string[];
  readonly username?: string;
  readonly credential?: string;
  /** What a TURN server shares with us: coturn's `static-auth-secret`. */
  readonly secret?: string;
  /** Seconds that credentials made from the secret are good for. */
  readonly ttl: number;
}

/** How long the agent waits for what, in ms. */
export interface Timeouts {
  /** A client's reply about its clipboard. */
  readonly ack: number;
  /** No sign of life until a peer counts as disconnected. */
  readonly disconnect: number;
  /** Without a path until it is given up; until then its client may come back by another, and holds its panes. */
  readonly failed: number;
  /** More candidates, once there is one, before an answer that must hold them all. */
  readonly iceGathering: number;
}

/** The UDP and TCP port that all peers share. */
export interface IcePortConfig {
  /** 0 = any; undefined = that of HTTP, or any when it is taken. */
  readonly port: number | undefined;
}

/** How the agent is reached. */
export interface NetConfig {
  readonly http: Address;
  /** Whether the file says where HTTP listens: if not, another address does as well. */
  readonly httpIsSet: boolean;
  /** undefined = every peer has sockets of its own. */
  readonly ice: IcePortConfig | undefined;
  readonly udpPorts?: readonly [number, number];
  /** IP addresses that a static NAT maps to this machine. */
  readonly publicAddresses: readonly string[];
  /** Whose `X-Forwarded-…` is believed: addresses, networks, and names of networks. */
  readonly trustedProxies: readonly string[];
  /** PEM files as they stand in the config; HTTP is HTTPS then. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** The environment of panes. */
export interface EnvConfig {
  /** Variables that every pane gets. */
  readonly set: Readonly<Record<string, string>>;
  /** Names of variables that clients may set; `*` in them is any text. */
  readonly accept: readonly string[];
}

/** The config with every default filled in. */
export interface Config {
  readonly log: { readonly level: string; readonly file?: string; readonly error?: string };
  readonly net: NetConfig;
  readonly timeouts: Timeouts;
  readonly limits: { readonly peers: number; readonly peersPerFingerprint: number; readonly panes: number };
  readonly env: EnvConfig;
  readonly iceServers: readonly IceServer[];
}

const wrong = (what: string): AgentError => new AgentError('config', what);

const udpPorts = (net: ConfigFile['net']): readonly [number, number] | undefined => {
  const { udp_port_min: min, udp_port_max: max } = net ?? {};
  if (min === undefined && max === undefined) return undefined;
  if (min === undefined || max === undefined) {
    throw wrong('net.udp_port_min and net.udp_port_max go together: set both or neither');
  }
  if (min > max) throw wrong(`net.udp_port_min (${min}) is larger than net.udp_port_max (${max})`);
  return [min, max];
};

/** A range of ports is for sockets of each peer's own, and so says that there is no shared one. */
const icePort = (net: ConfigFile['net'], ports: readonly [number, number] | undefined): NetConfig['ice'] => {
  const port = net?.ice_port;
  if (port === 'off' || (port === undefined && ports !== undefined)) return undefined;
  if (ports !== undefined) {
    throw wrong(
      `net.ice_port = ${port} is one port for all peers, net.udp_port_min and net.udp_port_max are many: remove one or the other`,
    );
  }
  return { port };
};

const publicAddresses = (net: ConfigFile['net'], ice: NetConfig['ice']): readonly string[] => {
  const addresses = [net?.public_address ?? []].flat();
  const bad = addresses.find((address) => isIP(address) === 0);
  if (bad !== undefined) throw wrong(`net.public_address "${bad}" is no IP address`);
  if (addresses.length > 0 && ice === undefined) {
    throw wrong(
      'net.public_address needs the one port that the NAT maps: set net.ice_port to its number, and remove net.udp_port_min and net.udp_port_max',
    );
  }
  return addresses;
};

/** Networks that have a name (the `proxy-addr` package). */
const NAMED_NETWORKS: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

const isNetwork = (text: string): boolean => {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const fits =
    prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits);
  return NAMED_NETWORKS.includes(text) || (bits > 0 && fits && more.length === 0);
};

const trustedProxies = (net: ConfigFile['net']): readonly string[] => {
  const proxies = [net?.trusted_proxies ?? DEFAULT_TRUSTED_PROXIES].flat();
  const bad = proxies.find((proxy) => !isNetwork(proxy));
  if (bad === undefined) return proxies;
  throw wrong(
    `net.trusted_proxies "${bad}" is no address or network; write it as "192.0.2.7", "10.0.0.0/8" or one of ${NAMED_NETWORKS.join(', ')}`,
  );
};

const tlsFiles = (net: ConfigFile['net']): NetConfig['tls'] => {
  const { tls_cert: cert, tls_key: key } = net ?? {};
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw wrong('net.tls_cert and net.tls_key go together: set both or neither');
  }
  return { cert, key };
};

const netConfig = (net: ConfigFile['net']): NetConfig => {
  const ports = udpPorts(net);
  const ice = icePort(net, ports);
  const tls = tlsFiles(net);
  return {
    http: parseAddress(net?.http_server ?? DEFAULT_HTTP_SERVER),
    httpIsSet: net?.http_server !== undefined,
    ice,
    publicAddresses: publicAddresses(net, ice),
    trustedProxies: trustedProxies(net),
    ...(ports === undefined ? {} : { udpPorts: ports }),
    ...(tls === undefined ? {} : { tls }),
  };
};

const iceServers = (servers: ConfigFile['ice_servers']): IceServer[] =>
  (servers ?? []).map(({ urls, username, password, secret, ttl }, index) => {
    if (secret !== undefined && (username !== undefined || password !== undefined)) {
      throw wrong(`ice_servers[${index}] has a secret, so its username and password are made; remove them`);
    }
    return {
      urls,
      ttl: ttl ?? DEFAULT_TURN_TTL_S,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { credential: password }),
      ...(secret === undefined ? {} : { secret }),
    };
  });

/** `accept` is the one key that is no variable. */
const envConfig = ({ accept, ...rest }: ConfigFile['env'] = {}): EnvConfig => {
  if (typeof accept === 'string') {
    throw wrong(`env.accept is a list of names: write it as accept = ["${accept}"]`);
  }
  const set = Object.entries(rest).map(([name, value]): [string, string] => {
    if (typeof value === 'string') return [name, value];
    throw wrong(`env.${name} must be a text: only env.accept is a list`);
  });
  return { set: Object.fromEntries(set), accept: accept ?? DEFAULT_ACCEPTED_ENV };
};

const timeouts = (file: ConfigFile['timeouts']): Timeouts => ({
  ack: Math.min(file?.ack ?? MAX_ACK_TIMEOUT_MS, MAX_ACK_TIMEOUT_MS),
  disconnect: file?.disconnect ?? 5000,
  failed: file?.failed ?? 60_000,
  iceGathering: file?.ice_gathering ?? DEFAULT_GATHERING_MS,
});

/** Fills in the defaults of a decoded config. @throws AgentError `config` for values that do not fit together */
export function resolveConfig(file: ConfigFile): Config {
  return {
    log: {
      level: file.log?.level ?? 'info',
      ...(file.log?.file === undefined ? {} : { file: file.log.file }),
      ...(file.log?.error === undefined ? {} : { error: file.log.error }),
    },
    net: netConfig(file.net),
    timeouts: timeouts(file.timeouts),
    limits: {
      peers: file.limits?.peers ?? DEFAULT_MAX_PEERS,
      peersPerFingerprint: file.limits?.peers_per_fingerprint ?? DEFAULT_MAX_PEERS_PER_FINGERPRINT,
      panes: file.limits?.panes ?? DEFAULT_MAX_PANES,
    },
    env: envConfig(file.env),
    iceServers: iceServers(file.ice_servers),
  };
}
