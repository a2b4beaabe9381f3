/** Every transport of this client, exported by its name. A new one is one line here, at any place. */
export { ssh } from './ssh.ts';
export { whip } from './whip.ts';
