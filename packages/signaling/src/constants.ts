/** Largest session description accepted, in bytes. A data-channel offer with 40 candidates is under 8 KiB; 64 KiB leaves room for browsers' audio and video sections. */
export const MAX_SDP_BYTES = 64 * 1024;

/** Largest single candidate line accepted, in bytes. RFC 8839 lines with every extension stay under 400. */
export const MAX_CANDIDATE_BYTES = 2 * 1024;

/** Largest encoded signal accepted, in bytes: a description, JSON-escaped (at most doubled), and its envelope. */
export const MAX_MESSAGE_BYTES = 2 * MAX_SDP_BYTES + 1024;

/** Most candidates taken from the other end in one generation. RFC 8838 section 8 caps a checklist at 100 pairs. */
export const MAX_CANDIDATES = 100;

/** Most signals held for a reader that is slow, per conversation: every candidate of both ends and the descriptions. */
export const MAX_PENDING_SIGNALS = 2 * MAX_CANDIDATES + 8;

/** Most dials that wait for a host's listener at once, in the memory transport. Ten times what the compliance suite opens. */
export const MAX_PENDING_DIALS = 100;
