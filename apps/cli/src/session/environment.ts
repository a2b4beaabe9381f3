/** Variables that tell a far program what the local terminal can show, as ssh sends them by its usual configuration. */
const EXACT: ReadonlySet<string> = new Set(['TERM', 'COLORTERM', 'LANG']);
const PREFIX = 'LC_';

/** The part of this environment that a far terminal needs. */
export function terminalEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    const wanted = EXACT.has(name) || name.startsWith(PREFIX);
    if (wanted && value !== undefined && value !== '') sent[name] = value;
  }
  return sent;
}
