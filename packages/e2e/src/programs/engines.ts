import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A Node that what we publish is run on. */
export interface Engine {
  /** For the name of a test. */
  readonly name: string;
  /** Its program. */
  readonly node: string;
  /** Why it cannot be used here; undefined where it can. */
  readonly missing: string | undefined;
}

/** The lowest of `engines`, the line between, the pinned one that runs the tests, and one that OURO_ENGINE names. */
export const ENGINES: readonly [Engine, ...Engine[]] = [
  installed('the lowest engine', 'node-22'),
  installed('Node 24', 'node-24'),
  { name: 'the pinned Node', node: process.execPath, missing: undefined },
  ...named(process.env.OURO_ENGINE),
];

function named(node: string | undefined): Engine[] {
  return node === undefined ? [] : [{ name: `the Node at ${node}`, node, missing: undefined }];
}

/** One of the registry's packages of Node, which are there for one platform each. */
function installed(name: string, alias: string): Engine {
  const node = fileURLToPath(new URL(`../../node_modules/${alias}/bin/node`, import.meta.url));
  const missing = existsSync(node) ? undefined : `${name}: its package is for Linux on x64 only`;
  return { name, node, missing };
}
