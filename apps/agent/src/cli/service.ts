import { RESTART_EXIT } from '../base/constants.ts';
import type { Context } from './context.ts';

/** A word of a systemd command line (systemd.syntax(7)): quoted, with `%` and `$` doubled. */
const quote = (word: string): string =>
  /^[\w@+:,./-]+$/.test(word)
    ? word
    : `"${word.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;

/** The text of a systemd user unit that runs this very program. */
export const unitText = (command: readonly string[]): string => `[Unit]
Description=Ouro agent: terminals of this host over WebRTC

[Service]
ExecStart=${[...command, 'start', '--foreground'].map(quote).join(' ')}
Restart=on-failure
RestartForceExitStatus=${RESTART_EXIT}
RestartSec=2
KillMode=mixed
TimeoutStopSec=15
UMask=0077

[Install]
WantedBy=default.target
`;

/** `service`: prints the unit, and on a terminal how to use it. */
export async function service({ output, self }: Context): Promise<number> {
  output.line(unitText(self).trimEnd());
  if (process.stdout.isTTY) {
    output.note('');
    output.note('To run the agent from your next login on:');
    output.note('  mkdir -p ~/.config/systemd/user');
    output.note('  ouro-agent service > ~/.config/systemd/user/ouro-agent.service');
    output.note('  systemctl --user enable --now ouro-agent');
    output.note('To keep it while you are logged out: loginctl enable-linger');
  }
  return 0;
}
