import { SshError } from '@ouro/ssh-client';

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

/** Words that mean the same to every shell without quotes. */
const PLAIN_WORD = /^[A-Za-z0-9@%_+=:,./-]+$/;

/**
 * The one exec line that runs a command of whichever of these programs the host has, and exits 127 when it has none:
 * all places are looked through by the far shell, so no place costs a round trip. It is POSIX sh inside of one pair of
 * single quotes without a quote, backslash, `!` or line end in it: sh, bash, zsh, fish and csh read that the same way.
 *
 * @param words arguments of letters, digits and `@%_+=:,./-` only
 * @throws SshError `bad-config` for any other
 */
export const agentCommand = (words: readonly string[], programs: readonly string[] = PROGRAMS): string => {
  for (const word of [...words, ...programs]) {
    if (!PLAIN_WORD.test(word))
      throw new SshError('bad-config', `"${word}" cannot be handed to a far shell as it is`);
  }
  const path = ['$PATH', ...USUAL_PLACES].join(':');
  // The search path is for this search alone: the agent must not inherit it.
  const search = `p=$(PATH="${path}"; command -v "$n")`;
  return `sh -c 'for n in ${programs.join(' ')}; do ${search} && exec "$p" ${words.join(' ')}; done; exit 127'`;
};

/** The exec line of `accept`, by `ouro-agent` or else `webexec`. */
export const acceptCommand = (): string => agentCommand(['accept']);
