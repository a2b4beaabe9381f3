import type * as Ssh2Namespace from 'ssh2';

/** The ssh2 module as a value; it is CommonJS, so everything hangs on its default export. */
export type Ssh2 = (typeof Ssh2Namespace)['default'];

/** Loads ssh2, which costs 50 ms: only where a connection is made, and while DNS and TCP are waited for. */
export const loadSsh2 = async (): Promise<Ssh2> => (await import('ssh2')).default;
