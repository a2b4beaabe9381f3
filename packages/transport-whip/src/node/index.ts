export { type TlsFetchOptions, tlsFetch } from './tls-fetch.ts';
