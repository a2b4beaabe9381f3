/**
 * Output kept per pane and stream, in bytes, for replays: some 10,000 full lines, more than a screen with its
 * scrollback holds, and two seconds of a link of 4 Mbit/s. Memory grows to it only as output comes.
 */
export const RING_BYTES = 1024 * 1024;

/** Smallest ring, in bytes: a quarter of lag and the reads that are under way must fit. */
export const MIN_RING_BYTES = 256 * 1024;

/** Output a client, or the emulator, may lag behind before it holds the process back: a quarter of the ring, so that a mark stays good. */
export const HOLD_BACK_BYTES = 256 * 1024;

/** Scrollback of a pane's screen, in lines: what a snapshot of it carries. */
export const SCROLLBACK_LINES = 1000;

/** Largest terminal, in rows. With the columns it bounds an emulator's memory: 12 bytes a cell, 18 MB in all. */
export const MAX_ROWS = 500;

/** Largest terminal, in columns: a 4K display at the smallest readable font has some 640. */
export const MAX_COLS = 1000;

/** Panes of one agent: many times what one person keeps open. Each may take a ring and a screen of memory. */
export const MAX_PANES = 256;

/** Clients of one pane: a class that watches one terminal. */
export const MAX_CLIENTS_PER_PANE = 32;

/** Panes, counted once for each channel, that one client may be attached to. */
export const MAX_ATTACHMENTS_PER_CLIENT = 512;

/** Largest payload, in bytes of JSON: as a string in an ack it may double, and must fit a control message. */
export const MAX_PAYLOAD_BYTES = 120 * 1024;

/** Largest clipboard, in bytes of UTF-8: with its escapes it must fit a control message. */
export const MAX_CLIPBOARD_BYTES = 128 * 1024;

/** Input of one client that waits for the process before its channel is paused. */
export const INPUT_HIGH_WATER_BYTES = 256 * 1024;

/** Input of one client that waits, where its channel cannot be paused; over it the channel is closed. */
export const MAX_INPUT_BYTES = 8 * 1024 * 1024;

/** Words of a command: more than a shell's wildcard gives in practice, and far fewer than Linux takes. */
export const MAX_ARGV = 4096;

/** Length of a command, in UTF-16 units: what Linux takes for one word. */
export const MAX_ARGV_LENGTH = 128 * 1024;

/** Variables of `env`: a locale has some fifteen, and a user names a few more. */
export const MAX_ENV = 64;

/** All names and values of `env`, in bytes of UTF-8: room for the longest real ones, and a quarter of a control message. */
export const MAX_ENV_BYTES = 32 * 1024;

/** Marks kept; the oldest goes. A client makes one whenever it leaves. */
export const MAX_MARKS = 256;

/** Ends of processes remembered, for a client that comes back late. */
export const MAX_EXITS = 256;

/** How long they are remembered, in milliseconds. */
export const EXIT_MEMORY_MS = 10 * 60_000;

/** How long a process may take to start, in milliseconds. */
export const SPAWN_TIMEOUT_MS = 10_000;

/** Channels opened by a client that wait for the agent's word: several times what a browser's page asks for at once. */
export const MAX_OPENING_CHANNELS = 256;

/** How long a channel may take to open, in milliseconds. */
export const CHANNEL_OPEN_TIMEOUT_MS = 30_000;

/** How long `mark` waits for the output before it to be out, in milliseconds: less than the reply's time-out. */
export const MARK_TIMEOUT_MS = 8_000;

/** How long a client may take to answer for its clipboard, in milliseconds: a browser asks its user first. */
export const CLIPBOARD_TIMEOUT_MS = 10_000;

/** How long a client may take to confirm that it was told why the session ends, in milliseconds: a slow link's round trip or two. */
export const BYE_TIMEOUT_MS = 1_000;

/** How long processes have to end on HUP before KILL, in milliseconds. */
export const HANGUP_GRACE_MS = 2_000;

/** How long a far end that knows only the older commands may leave `hello` unanswered, in milliseconds. */
export const HELLO_TIMEOUT_MS = 5_000;

/** Output a client's reader may leave unread before the channel is paused. */
export const RECEIVE_HIGH_WATER_BYTES = 256 * 1024;

/** Output unread where the channel cannot be paused; over it the pane fails. */
export const MAX_RECEIVE_BYTES = 64 * 1024 * 1024;
