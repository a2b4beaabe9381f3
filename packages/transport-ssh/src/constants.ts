/** Most bytes of banner, motd and shell start-up noise read before READY. A long motd is 4 KiB; a page of colours 16 KiB. */
export const MAX_PREAMBLE_BYTES = 64 * 1024;

/** Longest wait for READY after the exec, in ms. An agent that must be started answers within 1 s; people wait 3 s for a prompt. */
export const READY_TIMEOUT_MS = 3_000;

/** Longest wait of a closing pipe for its last bytes to leave, in ms: a transport that is stuck must not hold the program. */
export const CLOSE_TIMEOUT_MS = 1_000;

/** How much of a far command's stderr is kept to explain its end, in bytes. */
export const MAX_STDERR_TAIL_BYTES = 4 * 1024;
