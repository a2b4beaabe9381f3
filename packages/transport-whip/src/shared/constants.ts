/** Media type of an offer and an answer (RFC 8866). */
export const SDP_TYPE = 'application/sdp';

/** Media type of trickled candidates and of an ICE restart (RFC 8840 section 9). */
export const SDPFRAG_TYPE = 'application/trickle-ice-sdpfrag';

/** Media type of one RTCIceCandidateInit, the form of older clients. */
export const JSON_TYPE = 'application/json';

/** Media type of an error body (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** Most m-sections read of a session description or a fragment: a data-channel offer has one, a browser's call a handful. */
export const MAX_MEDIA_SECTIONS = 32;

/** Most ice-servers taken from Link headers: each one costs the client a gathering round. */
export const MAX_ICE_SERVERS = 16;

/** Longest Link header read, in characters; HTTP servers cut all headers of a message at 8-16 KiB. */
export const MAX_LINK_CHARS = 16 * 1024;

/** Longest If-Match or ETag header read, in characters: ours are under 40. */
export const MAX_ENTITY_TAG_CHARS = 1024;

/** ICE ufrag, in characters (RFC 8839 section 5.4). */
export const UFRAG_CHARS = { min: 4, max: 256 } as const;

/** ICE password, in characters (RFC 8839 section 5.4). */
export const PASSWORD_CHARS = { min: 22, max: 256 } as const;
