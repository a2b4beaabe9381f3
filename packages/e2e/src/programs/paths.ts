import { fileURLToPath } from 'node:url';

const root = new URL('../../../../', import.meta.url);

/** The built client, as a word list to run it on this Node. */
export const OURO = [process.execPath, fileURLToPath(new URL('apps/cli/bin/ouro.mjs', root))] as const;

/** The built agent, likewise. */
export const OURO_AGENT = [
  process.execPath,
  fileURLToPath(new URL('apps/agent/bin/ouro-agent.mjs', root)),
] as const;
