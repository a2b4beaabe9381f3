import { quoted } from '../shell-words.ts';
import { INSTALL_DIR } from './constants.ts';
import { type PinnedPackage, sha512Of, tarballPlace } from './pinned-packages.ts';

/**
 * What a script says at its end, as its only line: `placed <path of node>`; `corrupt`; `unusable <why>` when what came
 * does not run there; `absent <why>` when the host could not get it by itself.
 */
const ANSWER = /^(placed|corrupt|unusable|absent) ?(.*)$/m;

/** How it went on the host. */
export interface NodeAnswer {
  readonly state: 'placed' | 'corrupt' | 'unusable' | 'absent';
  /** Path of Node, or the reason. */
  readonly detail: string;
}

/** Reads what a script said; undefined when it was cut off. */
export function parseNodeAnswer(output: string): NodeAnswer | undefined {
  const [, state, detail = ''] = ANSWER.exec(output) ?? [];
  if (state !== 'placed' && state !== 'corrupt' && state !== 'unusable' && state !== 'absent')
    return undefined;
  return { state, detail: detail.trim() };
}

/**
 * Statements of sh, one a line. These also travel as one word of a login shell, which may be a csh or fish: no single
 * quote, backslash or `!` in them.
 *
 * All is made in a folder with the script's pid in its name, and moved to its place by one rename. What a script left
 * that was killed is removed by the next.
 */
const open = ({ version }: PinnedPackage): string => `
umask 077
d="$HOME/${INSTALL_DIR}"
v="$d/node-${version}"
p="$v.part.$$"
for o in "$d"/node-*.part.*; do kill -0 "\${o##*.}" 2>/dev/null || rm -rf "$o"; done
clean() { rm -rf "$p"; rmdir "$d" 2>/dev/null; }
trap clean EXIT
trap "exit 1" HUP INT TERM PIPE
mkdir -p "$p" || exit 1`;

/** `sum` stays empty where the host has no tool for it. */
const HASH = `
sum=
if command -v sha512sum >/dev/null; then sum=$(sha512sum < "$p/tgz"); elif command -v shasum >/dev/null; then sum=$(shasum -a 512 < "$p/tgz"); elif command -v openssl >/dev/null; then sum=$(openssl dgst -sha512 -r < "$p/tgz"); fi
sum=\${sum%% *}`;

/** As root, tar would give the files to whoever has the packer's number there; hence -o. */
const place = (build: PinnedPackage): string => `
if [ "$sum" ] && [ "$sum" = ${sha512Of(build)} ]; then :; elif [ "$sum" ]; then echo corrupt; exit 0; fi
tar -xzof "$p/tgz" -C "$p" package/bin/node package/LICENSE 2>"$p/why" || { echo "unusable $(tail -n 1 "$p/why")"; exit 0; }
"$p/package/bin/node" --version >/dev/null 2>"$p/why" </dev/null || { echo "unusable $(head -n 1 "$p/why")"; exit 0; }
rm -rf "$v"
mv "$p/package" "$v" && echo "placed $v/bin/node"`;

/**
 * Takes the tarball on its standard input, whose size in bytes tells whether all of it came. The client has compared its
 * hash, so that a host without a tool for that is no obstacle.
 */
export function receiveNodeCommand(build: PinnedPackage, size: number): string {
  const receive = `
cat > "$p/tgz" && [ "$(wc -c < "$p/tgz")" -eq ${size} ] || exit 1`;
  const statements = `${open(build)}${receive}${HASH}${place(build)}`.trim().split('\n');
  return `sh -c '${statements.join('; ')}'`;
}

/** How the host gets its Node by itself. */
export interface FetchNodeOptions {
  /** The registry that the user named; it goes before the host's own. */
  readonly named: string | undefined;
  /** The registry of the client's user, for a host that has none of its own. */
  readonly fallback: string | undefined;
  /** A Node of the host that is too old for the agent. */
  readonly oldNode: string | undefined;
}

/** By `fetch`, which Node has since 18; an older one fails here, and the client sends the file. */
const NODE_FETCH =
  'fetch(process.argv[1]).then(async (got) => { if (!got.ok) throw new Error("the answer was " + got.status); require("node:fs").writeFileSync(process.argv[2], Buffer.from(await got.arrayBuffer())); }).catch((error) => { console.error(String(error.cause ?? error)); process.exitCode = 1; });';

const NODE_HASH =
  'process.stdout.write(require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("hex"))';

/** A registry with a password in its URL is left out: all users of the host could read it in the list of processes. */
const registryOf = ({ named, fallback }: FetchNodeOptions): string => `
r=${quoted(named ?? '')}
[ "$r" ] || r=\${npm_config_registry:-\${NPM_CONFIG_REGISTRY:-}}
[ "$r" ] || r=$(npm config get registry 2>/dev/null </dev/null)
case "$r" in http://*|https://*) ;; *) r=${quoted(fallback ?? '')} ;; esac
case "$r" in *@*|"") echo "absent it has no registry"; exit 0 ;; esac`;

/**
 * Has the host fetch its Node from a registry. curl and wget give up after 10 or 15 s without an answer, and where
 * nothing more comes. What cannot be compared with its hash is not used.
 */
export function fetchNodeScript(build: PinnedPackage, options: FetchNodeOptions): string {
  const fetching = `${registryOf(options)}
u="\${r%/}/${tarballPlace(build).path}"
n=${quoted(options.oldNode ?? '')}
get() {
  if command -v curl >/dev/null; then
    curl -fsSL --connect-timeout 10 --speed-limit 1024 --speed-time 30 -o "$p/tgz" "$u"
  elif command -v wget >/dev/null; then
    t=; if wget --version 2>/dev/null | grep -q GNU; then t="-t 1"; fi
    wget -T 15 $t -O "$p/tgz" "$u"
  elif [ "$n" ]; then "$n" -e '${NODE_FETCH}' "$u" "$p/tgz"
  else echo "it has neither curl nor wget" >&2; return 1; fi
}
get >/dev/null 2>"$p/why" </dev/null || { echo "absent $(grep . "$p/why" | tail -n 1)"; exit 0; }`;
  const hashing = `${HASH}
if [ "$n" ] && [ -z "$sum" ]; then sum=$("$n" -e '${NODE_HASH}' "$p/tgz" </dev/null); fi
[ "$sum" ] || { echo "absent it has nothing that makes a SHA-512"; exit 0; }`;
  return `${open(build)}${fetching}${hashing}${place(build)}\n`;
}
