export * from './channel-writer.ts';
export * from './commands.ts';
export * from './constants.ts';
export * from './control-channel.ts';
export * from './errors.ts';
