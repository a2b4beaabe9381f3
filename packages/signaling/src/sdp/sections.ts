/** One `a=` line: its name in lower case, and what follows the colon ('' without one). */
export interface Attribute {
  readonly name: string;
  readonly value: string;
}

/** What signaling needs of a session description: its attributes by level, `media` in the order of the m-lines. */
export interface SdpSections {
  readonly session: readonly Attribute[];
  readonly media: readonly (readonly Attribute[])[];
}

const LINE_END = /\r\n|\n|\r/;

/** The lines of an SDP, without their ends and without empty ones. */
export function sdpLines(sdp: string): string[] {
  return sdp.split(LINE_END).filter((line) => line !== '');
}

/**
 * The attributes of an SDP (RFC 8866) by section. Takes any text and throws nothing: what is no `a=` or `m=`
 * line is passed over. Names match in any case (RFC 8840 section 9.2).
 */
export function sdpSections(sdp: string): SdpSections {
  const session: Attribute[] = [];
  const media: Attribute[][] = [];
  for (const line of sdpLines(sdp)) {
    if (line.startsWith('m=')) media.push([]);
    else if (line.startsWith('a=')) (media.at(-1) ?? session).push(attributeOf(line));
  }
  return { session, media };
}

function attributeOf(line: string): Attribute {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line.slice(2).trim().toLowerCase(), value: '' };
  return { name: line.slice(2, colon).toLowerCase(), value: line.slice(colon + 1).trim() };
}
