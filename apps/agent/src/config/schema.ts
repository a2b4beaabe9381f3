import { type Static, type TSchema, Type } from 'typebox';
import { LOG_LEVELS } from '../base/constants.ts';

// Each description ends the sentence "<setting> must be …" that its owner reads.

const Port = Type.Integer({
  minimum: 1,
  maximum: 65_535,
  description: 'a port: a whole number from 1 to 65535',
});
const Milliseconds = Type.Integer({
  minimum: 100,
  maximum: 86_400_000,
  description: 'a time in milliseconds: a whole number from 100 to 86400000, which is a day',
});
const Count = Type.Integer({
  minimum: 1,
  maximum: 10_000,
  description: 'a whole number from 1 to 10000',
});
const Text = Type.String({ description: 'a text in quotes' });
const Path = Type.String({ minLength: 1, description: 'the path of a file, in quotes' });

/** One text, or a list of at most so many. */
const OneOrMore = (maxItems: number, description: string) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { maxItems })], {
    description: `${description}, or a list of at most ${maxItems} of them`,
  });

const Section = <Properties extends Record<string, TSchema>>(name: string, properties: Properties) =>
  Type.Object(properties, { description: `a section: a line [${name}], and its settings below it` });

const NamePattern = Type.String({ pattern: '^[A-Za-z_*][A-Za-z0-9_*]*$' });

const IceServerSchema = Type.Object(
  {
    urls: OneOrMore(16, 'a URL in quotes, as "stun:stun.example.org:3478"'),
    username: Type.Optional(Text),
    password: Type.Optional(Text),
    secret: Type.Optional(Type.String({ minLength: 1, description: 'a text in quotes, not an empty one' })),
    ttl: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 2_592_000,
        description: 'a time in seconds: a whole number from 60 to 2592000, which is thirty days',
      }),
    ),
  },
  { description: 'a server: a line [[ice_servers]], and below it at least its urls' },
);

/** `agent.toml`: every section and key is optional. Times are in ms, but `ttl`, which is in seconds. */
export const ConfigSchema = Type.Object({
  log: Type.Optional(
    Section('log', {
      level: Type.Optional(
        Type.Union(
          LOG_LEVELS.map((level) => Type.Literal(level)),
          { description: `one of ${LOG_LEVELS.join(', ')}, in quotes` },
        ),
      ),
      file: Type.Optional(Path),
      error: Type.Optional(Path),
    }),
  ),
  net: Type.Optional(
    Section('net', {
      http_server: Type.Optional(
        Type.String({ minLength: 1, description: 'an address in quotes, as "127.0.0.1:7777"' }),
      ),
      udp_port_min: Type.Optional(Port),
      udp_port_max: Type.Optional(Port),
      ice_port: Type.Optional(
        Type.Union([Type.Literal('off'), Type.Integer({ minimum: 0, maximum: 65_535 })], {
          description:
            'a port, a whole number from 1 to 65535 without quotes; or 0 for any free one; or "off" for UDP ports of each connection\u2019s own',
        }),
      ),
      public_address: Type.Optional(OneOrMore(8, 'an IP address in quotes, as "203.0.113.7"')),
      trusted_proxies: Type.Optional(
        OneOrMore(64, 'an address, a network as "10.0.0.0/8", or "loopback", in quotes'),
      ),
      tls_cert: Type.Optional(Path),
      tls_key: Type.Optional(Path),
    }),
  ),
  timeouts: Type.Optional(
    Section('timeouts', {
      ack: Type.Optional(Milliseconds),
      disconnect: Type.Optional(Milliseconds),
      failed: Type.Optional(Milliseconds),
      keep_alive: Type.Optional(Milliseconds),
      ice_gathering: Type.Optional(Milliseconds),
      peerbook: Type.Optional(Milliseconds),
    }),
  ),
  limits: Type.Optional(
    Section('limits', {
      peers: Type.Optional(Count),
      peers_per_fingerprint: Type.Optional(Count),
      panes: Type.Optional(Count),
    }),
  ),
  env: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Union([Type.String(), Type.Array(NamePattern, { maxItems: 64 })], {
        description:
          'a text in quotes; or, of accept alone, a list of at most 64 names of letters, digits, _ and *',
      }),
      { description: 'a section: a line [env], and its settings below it' },
    ),
  ),
  ice_servers: Type.Optional(
    Type.Array(IceServerSchema, {
      maxItems: 32,
      description: 'a list of at most 32 servers, each below a line [[ice_servers]]',
    }),
  ),
  peerbook: Type.Optional(
    Section('peerbook', {
      user_id: Type.Optional(Text),
      host: Type.Optional(Text),
      name: Type.Optional(Text),
      insecure: Type.Optional(Type.Boolean({ description: 'true or false, without quotes' })),
    }),
  ),
});

/** The config as it stands in the file. */
export type ConfigFile = Static<typeof ConfigSchema>;
