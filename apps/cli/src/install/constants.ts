/** Oldest Node that runs the agent: the first 22 with everything it uses. */
export const MIN_NODE = [22, 12, 0] as const;

/** Longest single step on the host, in ms: an npm install over a slow line. */
export const STEP_TIMEOUT_MS = 180_000;

/** Where the agent lies on the host, below the home directory. */
export const INSTALL_DIR = '.local/share/ouro';

/** Most output of one step that is read, in bytes. */
export const MAX_STEP_OUTPUT_BYTES = 256 * 1024;
