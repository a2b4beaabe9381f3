/** Where to connect, as one of the transports has read it from what the user typed. */
export interface Target {
  /** The name of the transport. */
  readonly transport: string;
  /** What the user typed, fit to be shown. */
  readonly typed: string;
  /** As a person would name it. */
  readonly name: string;
  /** Where it is, in the transport's own form. */
  readonly address: string;
  /** The machine's own name, lower case, without a port: the same machine by another transport is found by it. */
  readonly host: string;
  /** The name under which it is kept among known hosts: two agents behind one address differ by it. */
  readonly key: string;
  /** The path of the agent's endpoint, where it has one. */
  readonly path?: string;
  /** It is on this very machine. */
  readonly local?: boolean;
  /** Nobody can be in between: it is not asked who it is. */
  readonly unasked?: boolean;
  /** The way there is under TLS. */
  readonly tls?: boolean;
}

/** Whether the text has nothing in it that a terminal would take for more than text. */
export function isPrintable(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return false;
  }
  return true;
}

/** Text from outside made safe to show on a terminal. */
export function printable(text: string): string {
  return Array.from(text, (character) => (isPrintable(character) ? character : '?')).join('');
}
