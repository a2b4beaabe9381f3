export * from './pane.ts';
export * from './session.ts';
