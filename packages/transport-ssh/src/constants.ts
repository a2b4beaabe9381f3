/** Most bytes of banner, motd and shell start-up noise read before READY. A long motd is 4 KiB; a page of colours 16 KiB. */
export const MAX_PREAMBLE_BYTES = 64 * 1024;

/** Longest wait for READY after the exec, in ms. An agent that must be started answers within 1 s; people wait 3 s for a prompt. */
export const READY_TIMEOUT_MS = 3_000;

/** Longest wait of a closing pipe for its last bytes to leave, in ms: a road that is stuck must not hold the program. */
export const CLOSE_TIMEOUT_MS = 1_000;

/** Longest wait for a TCP connection and the key exchange when ConnectTimeout says nothing, in ms; a person gives up before 20 s. */
export const CONNECT_TIMEOUT_MS = 20_000;

/** Longest authentication, in ms, the user's typing included: sshd's own default LoginGraceTime. */
export const AUTH_TIMEOUT_MS = 120_000;

/** Most rounds of questions taken from one keyboard-interactive login; PAM stacks ask two or three. */
export const MAX_KEYBOARD_ROUNDS = 20;

/** Most hops of a ProxyJump chain, jumps of jumps included: a configuration that names itself must end. */
export const MAX_JUMPS = 8;

/** How much of a far command's stderr is kept to explain its end, in bytes. */
export const MAX_STDERR_TAIL_BYTES = 4 * 1024;

/** How often a passphrase is asked for one key before it is left out, as ssh does. */
export const PASSPHRASE_TRIES = 3;
