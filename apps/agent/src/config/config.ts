import {
  DEFAULT_HTTP_SERVER,
  DEFAULT_MAX_PANES,
  DEFAULT_MAX_PEERS,
  DEFAULT_MAX_PEERS_PER_FINGERPRINT,
} from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';
import { type Address, parseAddress } from './address.ts';
import type { ConfigFile } from './schema.ts';

/** A STUN or TURN server in the shape of W3C RTCIceServer. */
export interface IceServer {
  readonly urls: string | string[];
  readonly username?: string;
  readonly credential?: string;
}

/** How long the agent waits for what, in ms. */
export interface Timeouts {
  /** A client's reply on the control channel. */
  readonly ack: number;
  /** No sign of life until a peer counts as disconnected. */
  readonly disconnect: number;
  /** Without a path until it is given up; until then its client may come back by another, and holds its panes. */
  readonly failed: number;
  /** Between two checks of an idle path. */
  readonly keepAlive: number;
  /** Gathering of candidates. */
  readonly iceGathering: number;
  /** The rendezvous server's reply. */
  readonly peerbook: number;
}

/** The config with every default filled in. */
export interface Config {
  readonly log: { readonly level: string; readonly file?: string; readonly error?: string };
  readonly net: { readonly http: Address; readonly udpPorts?: readonly [number, number] };
  readonly timeouts: Timeouts;
  readonly limits: { readonly peers: number; readonly peersPerFingerprint: number; readonly panes: number };
  readonly env: Readonly<Record<string, string>>;
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

const iceServers = (servers: ConfigFile['ice_servers']): IceServer[] =>
  (servers ?? []).map(({ urls, username, password }) => ({
    urls,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { credential: password }),
  }));

const timeouts = (file: ConfigFile['timeouts']): Timeouts => ({
  ack: file?.ack ?? 3000,
  disconnect: file?.disconnect ?? 5000,
  failed: file?.failed ?? 60_000,
  keepAlive: file?.keep_alive ?? 2000,
  iceGathering: file?.ice_gathering ?? 5000,
  peerbook: file?.peerbook ?? 3000,
});

/** Fills in the defaults of a decoded config. @throws AgentError `config` for values that do not fit together */
export function resolveConfig(file: ConfigFile): Config {
  const ports = udpPorts(file.net);
  return {
    log: {
      level: file.log?.level ?? 'info',
      ...(file.log?.file === undefined ? {} : { file: file.log.file }),
      ...(file.log?.error === undefined ? {} : { error: file.log.error }),
    },
    net: {
      http: parseAddress(file.net?.http_server ?? DEFAULT_HTTP_SERVER),
      ...(ports === undefined ? {} : { udpPorts: ports }),
    },
    timeouts: timeouts(file.timeouts),
    limits: {
      peers: file.limits?.peers ?? DEFAULT_MAX_PEERS,
      peersPerFingerprint: file.limits?.peers_per_fingerprint ?? DEFAULT_MAX_PEERS_PER_FINGERPRINT,
      panes: file.limits?.panes ?? DEFAULT_MAX_PANES,
    },
    env: file.env ?? {},
    iceServers: iceServers(file.ice_servers),
  };
}
