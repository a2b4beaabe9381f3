/**
 * Terminal sessions over WebRTC data channels: panes, marks, clipboard and payload, for a client and for the host that
 * owns the processes. Runs in Node and in browsers; `./client` and `./host` are its two ends.
 *
 * @example
 * ```ts
 * import { Session } from '@ouro/session/client';
 *
 * await using session = await Session.open(peer, { signal, version: '1.0.0' });
 * const pane = await session.addPane({ command: ['uname', '-s'] }, { signal });
 * for await (const bytes of pane.stdout) process.stdout.write(bytes);
 * ```
 *
 * @packageDocumentation
 */
export * from './client/index.ts';
export * from './commands.ts';
export * from './errors.ts';
export * from './host/index.ts';
export * from './protocol.ts';
export type { Purpose } from './purpose.ts';
export * from './types.ts';
