import { MAX_ENV, MAX_ENV_BYTES } from '@ouro/session/client';

/** What tells a far program the local terminal's abilities. */
const TERMINAL: ReadonlySet<string> = new Set(['TERM', 'COLORTERM']);

type Variables = Readonly<Record<string, string | undefined>>;

const isLocale = (name: string): boolean => name === 'LANG' || name.startsWith('LC_');

/**
 * The part of this environment that a far program gets: the locale, as ssh sends it by its usual configuration; with a
 * terminal what that can show; and what the user's ssh_config(5) names besides, which wins. What goes beyond the caps
 * of a session is left out, the user's own last.
 */
export function farEnvironment(
  environment: Variables,
  { terminal, named }: { terminal: boolean; named: Readonly<Record<string, string>> },
): Record<string, string> {
  const wanted = (name: string): boolean => isLocale(name) || (terminal && TERMINAL.has(name));
  const own = Object.entries(environment).filter(([name]) => wanted(name) && named[name] === undefined);
  const sent: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of [...Object.entries(named), ...own]) {
    if (value === undefined || value === '') continue;
    const more = Buffer.byteLength(name) + Buffer.byteLength(value);
    if (Object.keys(sent).length >= MAX_ENV || bytes + more > MAX_ENV_BYTES) continue;
    bytes += more;
    sent[name] = value;
  }
  return sent;
}
