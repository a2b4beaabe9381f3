import { type Static, Type } from 'typebox';

/** One host met before. */
export const KnownHostSchema = Type.Object({
  /** SHA-256 of its certificate, compact form. */
  fingerprint: Type.String({ pattern: '^[0-9A-F]{64}$' }),
  /** Its host name, lower case, without a port: the same machine by another transport is found by it. */
  host: Type.String({ minLength: 1, maxLength: 255 }),
  /** The transport it was met by. */
  transport: Type.String({ minLength: 1, maxLength: 64 }),
  /** The transport vouched for the fingerprint, as an SSH login does; else it was only shown first. */
  vouched: Type.Boolean(),
  /** When it was met first, ISO 8601. */
  first_seen: Type.String({ maxLength: 40 }),
  /** SHA-256 of the one TLS certificate it may show over https, compact form; without one, the system's authorities say. */
  tls_pin: Type.Optional(Type.String({ pattern: '^[0-9A-F]{64}$' })),
});

/** The file `known_hosts.json`: by the name a user connects with (`https://box:7777`, `ssh://user@box`). */
export const KnownHostsSchema = Type.Object({
  version: Type.Literal(1),
  hosts: Type.Record(Type.String({ maxLength: 2100 }), KnownHostSchema),
});

export type KnownHost = Static<typeof KnownHostSchema>;
export type KnownHostsFile = Static<typeof KnownHostsSchema>;
