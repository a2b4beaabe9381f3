import { NODE, OURO, OURO_AGENT } from '../programs/paths.ts';
import type { Host } from './host.ts';

/** Where a program is put on a host: a user's own place, the machine's, or one that no search finds. */
export type Place = { readonly home: string } | 'local';

const wrapper = (words: readonly string[]): string =>
  `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`;

const put = async (host: Host, place: Place, name: string, words: readonly string[]): Promise<void> => {
  if (place === 'local') return host.writeFile(`/usr/local/bin/${name}`, wrapper(words), 0o755);
  await host.writeHome(place.home, `.local/bin/${name}`, wrapper(words), 0o755);
};

/** Puts the built agent on a host, under either of its names. */
export const putAgent = (
  host: Host,
  place: Place,
  name: 'ouro-agent' | 'webexec' = 'ouro-agent',
): Promise<void> => put(host, place, name, OURO_AGENT);

/** Puts the built client on a host. */
export const putClient = (host: Host): Promise<void> => put(host, 'local', 'ouro', OURO);

/** Puts a Node on a host, for all its users; the pinned one unless told. */
export const putNode = (host: Host, path: string = NODE): Promise<void> => put(host, 'local', 'node', [path]);
