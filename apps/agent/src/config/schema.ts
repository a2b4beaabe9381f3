import { type Static, Type } from 'typebox';

const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
const Milliseconds = Type.Integer({ minimum: 100, maximum: 86_400_000 });
const Count = Type.Integer({ minimum: 1, maximum: 10_000 });

const NamePattern = Type.String({ pattern: '^[A-Za-z_*][A-Za-z0-9_*]*$' });

const IceServerSchema = Type.Object({
  urls: Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 16 })]),
  username: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  secret: Type.Optional(Type.String({ minLength: 1 })),
  ttl: Type.Optional(Type.Integer({ minimum: 60, maximum: 2_592_000 })),
});

/** `agent.toml`: every section and key is optional. Times are in ms, but `ttl`, which is in seconds. */
export const ConfigSchema = Type.Object({
  log: Type.Optional(
    Type.Object({
      level: Type.Optional(
        Type.Union([
          Type.Literal('trace'),
          Type.Literal('debug'),
          Type.Literal('info'),
          Type.Literal('warn'),
          Type.Literal('error'),
          Type.Literal('fatal'),
        ]),
      ),
      file: Type.Optional(Type.String({ minLength: 1 })),
      error: Type.Optional(Type.String({ minLength: 1 })),
    }),
  ),
  net: Type.Optional(
    Type.Object({
      http_server: Type.Optional(Type.String({ minLength: 1 })),
      udp_port_min: Type.Optional(Port),
      udp_port_max: Type.Optional(Port),
      ice_port: Type.Optional(
        Type.Union([Type.Literal('off'), Type.Integer({ minimum: 0, maximum: 65_535 })]),
      ),
      public_address: Type.Optional(
        Type.Union([
          Type.String({ minLength: 1 }),
          Type.Array(Type.String({ minLength: 1 }), { maxItems: 8 }),
        ]),
      ),
      tls_cert: Type.Optional(Type.String({ minLength: 1 })),
      tls_key: Type.Optional(Type.String({ minLength: 1 })),
    }),
  ),
  timeouts: Type.Optional(
    Type.Object({
      ack: Type.Optional(Milliseconds),
      disconnect: Type.Optional(Milliseconds),
      failed: Type.Optional(Milliseconds),
      keep_alive: Type.Optional(Milliseconds),
      ice_gathering: Type.Optional(Milliseconds),
      peerbook: Type.Optional(Milliseconds),
    }),
  ),
  limits: Type.Optional(
    Type.Object({
      peers: Type.Optional(Count),
      peers_per_fingerprint: Type.Optional(Count),
      panes: Type.Optional(Count),
    }),
  ),
  env: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(NamePattern, { maxItems: 64 })])),
  ),
  ice_servers: Type.Optional(Type.Array(IceServerSchema, { maxItems: 32 })),
  peerbook: Type.Optional(
    Type.Object({
      user_id: Type.Optional(Type.String()),
      host: Type.Optional(Type.String()),
      name: Type.Optional(Type.String()),
      insecure: Type.Optional(Type.Boolean()),
    }),
  ),
});

/** The config as it stands in the file. */
export type ConfigFile = Static<typeof ConfigSchema>;
