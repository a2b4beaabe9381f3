import { fileURLToPath } from 'node:url';

const root = new URL('../../../../', import.meta.url);

const installed = (name: string): string =>
  fileURLToPath(new URL(`../../node_modules/${name}/bin/node`, import.meta.url));

/** The pinned Node of this checkout: the one that hosts of the lab can run, whatever runs the tests. */
export const NODE = installed('node');

/** A Node that is too old for our programs; for Linux on x64 alone. */
export const NODE_18 = installed('node-18');

/** The built client, as a word list to run it on the pinned Node. */
export const OURO = [NODE, fileURLToPath(new URL('apps/cli/bin/ouro.mjs', root))] as const;

/** The built agent, likewise. */
export const OURO_AGENT = [NODE, fileURLToPath(new URL('apps/agent/bin/ouro-agent.mjs', root))] as const;
