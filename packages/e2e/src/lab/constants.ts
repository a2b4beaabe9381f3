/** Longest wait for a helper command of the lab, in ms: `ip`, `nft`, `ssh-keygen`; all end within 100 ms on a busy machine. */
export const COMMAND_TIMEOUT_MS = 20_000;

/** Longest wait for a part of the lab to come up, in ms: namespaces, switches, sshd. */
export const START_TIMEOUT_MS = 20_000;

/** How often a state is looked at that nobody announces, in ms. */
export const POLL_MS = 10;

/** First uid of the users inside of hosts; no account of a machine is near it. */
export const FIRST_UID = 61_000;

/** Every namespace and directory of a lab starts with this, then the pid of its owner. */
export const PREFIX = 'ouro-lab';

/** Most output kept of a command or log, in bytes. */
export const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
