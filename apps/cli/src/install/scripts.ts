import { quoted } from '../shell-words.ts';
import { INSTALL_DIR } from './constants.ts';

/**
 * Takes a gzipped tar on its standard input. The line goes through the user's login shell: no quote, backslash or `!`
 * in its single quotes. `name` is of letters, digits, dots and dashes. As root, tar would give the files to whoever has the
 * packer's number there; hence -o.
 */
export const uploadCommand = (name: string): string =>
  `sh -c 'umask 077 && d="$HOME/${INSTALL_DIR}" && rm -rf "$d/${name}.part" && mkdir -p "$d/${name}.part" && tar -xzof - -C "$d/${name}.part"'`;

/** What the last script needs to know. */
export interface FinishOptions {
  /** Name of the version's directory. */
  readonly name: string;
  /** Path of Node on the host. */
  readonly node: string;
  /** Package to fetch by npm first. */
  readonly fetch: string | undefined;
  readonly systemd: boolean;
}

const wrapper = `#!/bin/sh
exec "$node" "$d/current/bin/ouro-agent.mjs" "$@"`;

/** Puts a version that was unpacked (or is there already) in charge. Each line it says is `key value`. */
export const finishScript = ({ name, node, fetch, systemd }: FinishOptions): string => `
set -eu
umask 077
node=${quoted(node)}
d="$HOME/${INSTALL_DIR}"
v="$d/${name}"
${fetch === undefined ? '' : fetchScript(fetch)}
if [ -d "$v.part" ]; then
  "$node" "$v.part/bin/ouro-agent.mjs" --version >/dev/null
  rm -rf "$v"
  mv "$v.part" "$v"
fi
old=$(readlink "$d/current" 2>/dev/null || echo none)
ln -sfn ${quoted(name)} "$d/current"
cat > "$d/ouro-agent.new" <<EOF
${wrapper.replaceAll('$@', '\\$@')}
EOF
chmod 755 "$d/ouro-agent.new"
mv -f "$d/ouro-agent.new" "$d/ouro-agent"
mkdir -p "$HOME/.local/bin"
if [ -e "$HOME/.local/bin/ouro-agent" ] && [ ! -L "$HOME/.local/bin/ouro-agent" ]; then
  echo "kept $HOME/.local/bin/ouro-agent"
else
  ln -sf "$d/ouro-agent" "$HOME/.local/bin/ouro-agent"
fi
echo "was $old"
"$d/ouro-agent" init >/dev/null
${runningScript}
${pruneScript(name)}
${pruneNodes}
${systemd ? systemdScript : ''}
`;

const fetchScript = (fetch: string): string => `
if [ -d "$v.part" ]; then
  PATH="$(dirname "$node"):$PATH"; export PATH
  (cd "$v.part" && npm install --no-save --no-audit --no-fund --silent ${quoted(fetch)} >/dev/null)
fi`;

/** An agent of the version before that has panes goes on with them; one without is started anew. */
const runningScript = `
if status=$("$d/ouro-agent" status --json 2>/dev/null); then
  said=$(printf %s "$status" | "$node" -e '
    let text = ""; process.stdin.on("data", (chunk) => { text += chunk; });
    process.stdin.on("end", () => { const { panes, pid } = JSON.parse(text); console.log(panes.length, pid); });')
  panes=\${said% *} pid=\${said#* }
  runs=$(readlink "/proc/$pid/exe" 2>/dev/null || ps -o comm= -p "$pid" 2>/dev/null) || runs=
  if [ "$old" = ${'"$(readlink "$d/current")"'} ]; then echo "running same"
  elif [ "$panes" = 0 ]; then "$d/ouro-agent" stop >/dev/null 2>&1 && runs= && echo "running restarted"
  else echo "running panes $panes"; keep=yes; fi
fi`;

/** Older versions go, but never under an agent that may still load parts of its own. */
const pruneScript = (name: string): string => `
if [ -z "\${keep:-}" ]; then
  for other in "$d"/agent-*; do
    case "\${other##*/}" in ${name}|"$old") ;; *) rm -rf "$other" ;; esac
  done
fi`;

/**
 * A Node that was brought goes when neither the new agent nor one that still runs is run by it; `runs` may have another
 * name of the home than we do. So does what a script left that was killed.
 */
const pruneNodes = `
for other in "$d"/node-*; do
  case "$node" in "$other"/*) continue ;; esac
  case "\${runs:-}" in */"\${other##*/}"/bin/node*) continue ;; esac
  case "$other" in *.part.*) ! kill -0 "\${other##*.}" 2>/dev/null || continue ;; esac
  rm -rf "$other"
done`;

const systemdScript = `
mkdir -p "$HOME/.config/systemd/user"
"$d/ouro-agent" service 2>/dev/null > "$HOME/.config/systemd/user/ouro-agent.service"
if systemctl --user daemon-reload && systemctl --user enable ouro-agent >/dev/null 2>&1; then echo "unit enabled"
else echo "unit failed"; fi`;
