/** How long one negotiation may take in all, in milliseconds: a person waits for it; two full ICE check cycles fit. */
export const NEGOTIATE_TIMEOUT_MS = 30_000;

/**
 * How long a description that must hold all candidates waits for more once it has one, in milliseconds. A STUN
 * server that answers does so within a round trip or two; a dead one must not hold up a path that is there.
 */
export const GATHER_TIMEOUT_MS = 500;

/** How long one restart of ICE may take, in milliseconds: signaling over a slow link, and checks that lose some packets. */
export const RESTART_TIMEOUT_MS = 8000;
