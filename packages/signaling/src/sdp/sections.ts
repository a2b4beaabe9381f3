/** One `a=` line: its name in lower case, and what follows the colon without spaces around it ('' without one). */
export interface SdpAttribute {
  readonly name: string;
  readonly value: string;
}

/** The lines of one m-section, or of what stands before the first of them. */
export interface SdpSection {
  /** As they stand, the m-line first. */
  readonly lines: readonly string[];
  /** In the order of their lines. */
  readonly attributes: readonly SdpAttribute[];
}

/** A session description, or a fragment of one, cut into its parts. */
export interface Sdp {
  readonly session: SdpSection;
  /** In the order of the m-lines. */
  readonly media: readonly SdpSection[];
}

/** The lines of an SDP: CRLF ends one by RFC 8866 section 5, a lone LF is taken too; the last may have no end. */
export function sdpLines(sdp: string): string[] {
  const lines = sdp.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * The name and value of an `a=` line; undefined for any other. The name is in lower case, as those of the older
 * grammar match in any (RFC 8840 section 4).
 */
export function sdpAttribute(line: string): SdpAttribute | undefined {
  if (!line.startsWith('a=')) return undefined;
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line.slice(2).trimEnd().toLowerCase(), value: '' };
  return { name: line.slice(2, colon).toLowerCase(), value: line.slice(colon + 1).trim() };
}

/**
 * Reads an SDP (RFC 8866) or a fragment of one (RFC 8840 section 9), as text or by its lines. Takes anything and throws
 * nothing: what may stand there, and how much of it, is the caller's to say.
 */
export function readSdp(sdp: string | readonly string[]): Sdp {
  const sections: { lines: string[]; attributes: SdpAttribute[] }[] = [{ lines: [], attributes: [] }];
  for (const line of typeof sdp === 'string' ? sdpLines(sdp) : sdp) {
    if (line.startsWith('m=')) sections.push({ lines: [], attributes: [] });
    const attribute = sdpAttribute(line);
    const section = sections.at(-1);
    section?.lines.push(line);
    if (attribute !== undefined) section?.attributes.push(attribute);
  }
  const [session = { lines: [], attributes: [] }, ...media] = sections;
  return { session, media };
}

/** The values of an attribute in a section, in order. `name` in lower case. */
export function attributeValues(section: SdpSection | undefined, name: string): string[] {
  return (section?.attributes ?? []).filter((attribute) => attribute.name === name).map(({ value }) => value);
}
