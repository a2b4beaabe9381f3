/** Longest wait for a TCP connection and the key exchange when ConnectTimeout says nothing, in ms; a person gives up before 20 s. */
export const CONNECT_TIMEOUT_MS = 20_000;

/** Longest authentication, in ms, the user's typing included: sshd's own default LoginGraceTime. */
export const AUTH_TIMEOUT_MS = 120_000;

/** Most rounds of questions taken from one keyboard-interactive login; PAM stacks ask two or three. */
export const MAX_KEYBOARD_ROUNDS = 20;

/** Most hops of a ProxyJump chain, jumps of jumps included: a configuration that names itself must end. */
export const MAX_JUMPS = 8;

/** How often a passphrase is asked for one key before it is left out, as ssh does. */
export const PASSPHRASE_TRIES = 3;
