import { fileURLToPath } from 'node:url';

const root = new URL('../../../../', import.meta.url);

/** The pinned Node of this checkout: the one that hosts of the lab can run, whatever runs the tests. */
export const NODE = fileURLToPath(new URL('node_modules/node/bin/node', root));

/** The built client, as a word list to run it on the pinned Node. */
export const OURO = [NODE, fileURLToPath(new URL('apps/cli/bin/ouro.mjs', root))] as const;

/** The built agent, likewise. */
export const OURO_AGENT = [NODE, fileURLToPath(new URL('apps/agent/bin/ouro-agent.mjs', root))] as const;
