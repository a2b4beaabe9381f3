export type { AuthorizedEntry, BadLine } from './authorized-lines.ts';
export * from './authorizer.ts';
export * from './bearer-authorizer.ts';
export * from './combined-authorizer.ts';
export * from './constants.ts';
export * from './errors.ts';
export * from './file-authorizer.ts';
export * from './fingerprint.ts';
export * from './identity.ts';
