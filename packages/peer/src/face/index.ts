export * from './peer-connection.ts';
