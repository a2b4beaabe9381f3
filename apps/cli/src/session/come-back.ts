import type { ConnectInvocation } from '../invocation.ts';
import { commandLine } from '../shell-words.ts';

/** ssh's letters that `ouro` has another word for. */
const OWN_WORDS: Readonly<Record<string, string>> = { '-l': '--login' };

const flag = (name: string, value: string | undefined): string[] =>
  value === undefined ? [] : [name, value];

/** The command line that attaches to a pane by the way this connection was made: same target, same login. */
export function comeBack({ target, ssh, tokenFile, iceServers }: ConnectInvocation, pane: number): string {
  return commandLine([
    ...['ouro', '--attach', String(pane)],
    ...flag('--ssh-program', ssh.program),
    ...ssh.args.map((word, at) => (at % 2 === 0 ? (OWN_WORDS[word] ?? word) : word)),
    ...flag('--token-file', tokenFile),
    ...iceServers.flatMap((url) => ['--ice-server', url]),
    target.typed,
  ]);
}
