/** A text as one word of sh. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * An argument vector as a command line for the user's login shell, which is what sshd takes: each word in single
 * quotes where it needs them, so that the far program gets it as it stands.
 */
export function commandLine(argv: readonly string[]): string {
  return argv.map((word) => (/^[A-Za-z0-9@%_+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ');
}
