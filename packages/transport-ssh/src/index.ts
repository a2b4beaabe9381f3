export * from './constants.ts';
export * from './pipe/index.ts';
