/** The hidden command that is the daemon. */
export const DAEMON_COMMAND = 'daemon';

/** The hidden command that stops the agent and starts it again. */
export const RESTARTER_COMMAND = 'restarter';
