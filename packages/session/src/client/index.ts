export * from '../errors.ts';
export * from './pane.ts';
export * from './session.ts';
