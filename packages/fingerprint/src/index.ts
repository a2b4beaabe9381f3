/**
 * Who a WebRTC peer is, and whether it may connect: certificate identity on disk, fingerprints, lists of those who are
 * let in. `@ouro/fingerprint/fingerprint` holds the part that runs in a browser too.
 *
 * @example
 * ```ts
 * import { FileAuthorizer, Identity } from '@ouro/fingerprint';
 *
 * const identity = await Identity.loadOrCreate('/home/ada/.config/ouro/identity.pem');
 * const authorizer = new FileAuthorizer('/home/ada/.config/ouro/authorized_fingerprints');
 * await authorizer.add(identity.fingerprint, 'laptop');
 * ```
 *
 * @packageDocumentation
 */
export type { AuthorizedEntry, BadLine } from './authorized-lines.ts';
export * from './authorizer.ts';
export * from './bearer-authorizer.ts';
export * from './combined-authorizer.ts';
export * from './constants.ts';
export * from './errors.ts';
export * from './file-authorizer.ts';
export * from './fingerprint.ts';
export * from './identity.ts';
