/** Which description an end makes (RFC 3264). */
export type Role = 'offerer' | 'answerer';

/** Who may send candidates after its description (RFC 8838): both ends, only the offerer (WHIP), or none. */
export type Trickle = 'both' | 'offerer' | 'none';

/** Whether an end of this role may send candidates after its description. */
export function mayTrickle(role: Role, trickle: Trickle): boolean {
  return trickle === 'both' || (trickle === 'offerer' && role === 'offerer');
}
