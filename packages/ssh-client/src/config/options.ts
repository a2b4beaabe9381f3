/** Values of each keyword (lower case) in order: the form both sources of configuration are brought to. */
export type SshOptions = ReadonlyMap<string, readonly string[]>;
