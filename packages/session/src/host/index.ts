export * from './pane-store.ts';
export * from './payload-store.ts';
export * from './process.ts';
export * from './session-host.ts';
