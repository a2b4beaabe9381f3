/** Oldest Node that runs the agent: the first 22 with everything it uses. */
export const MIN_NODE = [22, 12, 0] as const;

/** The same as a person says it. */
export const LEAST_NODE = MIN_NODE.slice(0, 2).join('.');

/** Longest single step on the host, in ms: an npm install over a slow line. */
export const STEP_TIMEOUT_MS = 180_000;

/** Longest transfer of a package, in ms: Node's 60 MB at a slow line's 50 kB/s, and half as much again. */
export const TRANSFER_TIMEOUT_MS = 1_800_000;

/** A transfer of which nothing was heard for so long is over, in ms. */
export const STALL_TIMEOUT_MS = 60_000;

/** Where the agent lies on the host, below the home directory. */
export const INSTALL_DIR = '.local/share/ouro';

/** Most output of one step that is read, in bytes. */
export const MAX_STEP_OUTPUT_BYTES = 256 * 1024;

/** Largest package that is taken from a registry, in bytes: four times Node's. */
export const MAX_TARBALL_BYTES = 256 * 1024 * 1024;

/** Longest wait for the answer of the `npm` of this machine, in ms; it takes half a second. */
export const NPM_TIMEOUT_MS = 10_000;

/** Where packages come from unless the user's npm or `--registry` says otherwise: npm's own default. */
export const DEFAULT_REGISTRY = 'https://registry.npmjs.org/';
