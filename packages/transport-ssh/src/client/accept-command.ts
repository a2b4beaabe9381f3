/** The far programs that can signal, best first: Ouro's agent, then the one it is compatible with. */
const PROGRAMS = ['ouro-agent', 'webexec'];

/** Where installers put programs that a non-interactive login's PATH often lacks. */
const USUAL_PLACES = [
  '$HOME/.local/bin',
  '$HOME/bin',
  '/usr/local/bin',
  '/opt/ouro/bin',
  '/opt/homebrew/bin',
  '/opt/local/bin',
  '/snap/bin',
  '$HOME/go/bin',
];

/**
 * The one exec line that starts `accept` of whichever agent the host has, and exits 127 when it has none: all
 * places are looked through by the far shell, so no place costs a round trip. It is POSIX sh inside of one pair of
 * single quotes without a quote, backslash, `!` or line end in it: sh, bash, zsh, fish and csh read that the same way.
 */
export const acceptCommand = (): string => {
  const path = ['$PATH', ...USUAL_PLACES].join(':');
  // The search path is for this search alone: the agent must not inherit it.
  const search = `p=$(PATH="${path}"; command -v "$n")`;
  return `sh -c 'for n in ${PROGRAMS.join(' ')}; do ${search} && exec "$p" accept; done; exit 127'`;
};
