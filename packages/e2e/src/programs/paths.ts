import { fileURLToPath } from 'node:url';

const root = new URL('../../../../', import.meta.url);

const installed = (name: string): string =>
  fileURLToPath(new URL(`../../node_modules/${name}/bin/node`, import.meta.url));

/** The pinned Node of this checkout: the one that hosts of the lab can run, whatever runs the tests. */
export const NODE = installed('node');

/** A Node that is too old for our programs; for Linux on x64 alone. */
export const NODE_18 = installed('node-18');

/** The two programs, each as a word list. */
export interface Programs {
  readonly ouro: readonly string[];
  readonly agent: readonly string[];
}

/** The built programs on a Node. */
export const builtOn = (node: string) => ({
  ouro: [node, fileURLToPath(new URL('apps/cli/bin/ouro.mjs', root))] as const,
  agent: [node, fileURLToPath(new URL('apps/agent/bin/ouro-agent.mjs', root))] as const,
});

/** The built client and agent on the pinned Node. */
export const { ouro: OURO, agent: OURO_AGENT } = builtOn(NODE);
