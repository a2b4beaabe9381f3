import { INSTALL_DIR, MIN_NODE } from './constants.ts';
import { NODE_VERSION } from './pinned-packages.ts';

/** What a host is like, as far as an installation cares. */
export interface HostFacts {
  /** As Node names it: `linux`, `darwin`. */
  readonly platform: string;
  /** As Node names it: `x64`, `arm64`. */
  readonly arch: string;
  /** Whether its C library is musl, for which no official Node is made. */
  readonly musl: boolean;
  /** Every Node found, best place first; the host's own before one that was brought. */
  readonly nodes: readonly { readonly path: string; readonly version: string }[];
  /** Name of the installed version, if one is. */
  readonly installed: string | undefined;
  /** Whether a systemd of the user answers. */
  readonly systemd: boolean;
  readonly tools: ReadonlySet<string>;
}

/** One script that looks at everything, so that it costs one round trip. Each line is `key value`. */
export const PROBE = `
export LC_ALL=C
echo "system $(uname -s) $(uname -m)"
for t in tar gzip npm; do command -v $t >/dev/null 2>&1 && echo "tool $t"; done
d="$HOME/${INSTALL_DIR}"
case "$(ldd --version 2>&1 </dev/null)" in *musl*) echo "libc musl" ;; esac
[ -L "$d/current" ] && echo "installed $(readlink "$d/current")"
systemctl --user show-environment >/dev/null 2>&1 && echo "systemd yes"
for n in "$(command -v node)" "$(command -v nodejs)" "$HOME"/.local/bin/node "$HOME"/.volta/bin/node \\
  "$HOME"/.nvm/versions/node/*/bin/node "$HOME"/.local/share/fnm/node-versions/*/installation/bin/node \\
  "$HOME"/.local/share/mise/installs/node/*/bin/node "$HOME"/.asdf/installs/nodejs/*/bin/node "$HOME"/n/bin/node \\
  /usr/local/bin/node /opt/homebrew/bin/node /opt/node*/bin/node /usr/local/bin/node[0-9]* /usr/local/n/versions/node/*/bin/node /snap/bin/node \\
  "$d/node-${NODE_VERSION}/bin/node"; do
  [ -x "$n" ] && v=$("$n" --version 2>/dev/null </dev/null) && echo "node $v $n"
done
exit 0
`;

const PLATFORMS: Readonly<Record<string, string>> = { Linux: 'linux', Darwin: 'darwin' };
const ARCHES: Readonly<Record<string, string>> = {
  x86_64: 'x64',
  amd64: 'x64',
  aarch64: 'arm64',
  arm64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  i386: 'ia32',
  i686: 'ia32',
  ppc64le: 'ppc64',
};

/** Reads what the probe said; lines of others (a talking start-up file) are left out. Never throws. */
export function parseProbe(output: string): HostFacts {
  const values = (key: string): string[] =>
    output
      .split('\n')
      .flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1).trim()] : []));
  const [system = '', machine = ''] = values('system')[0]?.split(' ') ?? [];
  const nodes = values('node').flatMap((text) => {
    const match = /^v(\d+\.\d+\.\d+)\S* (\/.+)$/.exec(text);
    return match?.[1] && match[2] ? [{ version: match[1], path: match[2] }] : [];
  });
  return {
    platform: PLATFORMS[system] ?? system.toLowerCase(),
    arch: ARCHES[machine] ?? machine,
    musl: values('libc').includes('musl'),
    nodes,
    installed: values('installed')[0],
    systemd: values('systemd').includes('yes'),
    tools: new Set(values('tool')),
  };
}

const isEnough = (version: string): boolean => {
  const parts = version.split('.').map(Number);
  for (const [index, least] of MIN_NODE.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
};

/** The first Node on the host that is new enough; undefined = there is none. */
export const usableNode = (facts: HostFacts): string | undefined =>
  facts.nodes.find(({ version }) => isEnough(version))?.path;
