import { createHash } from 'node:crypto';
import pins from './pinned-packages.json' with { type: 'json' };

/** A package of the registry whose content was fixed when this client was made. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource Integrity of its tarball: `sha512-` and base64. */
  readonly integrity: string;
}

type ByPlatform = Readonly<Record<string, PinnedPackage>>;

/** Node's official builds by platform (`linux-x64`). */
export const NODE_BUILDS: ByPlatform = pins.node;

/** The agent's native terminal by platform. */
export const PTY_BUILDS: ByPlatform = pins.pty;

/** The version of Node that is brought to hosts; the same for all platforms. */
export const NODE_VERSION = pins.node['linux-x64'].version;

/** SHA-512 of the package's tarball, in lower-case hex. */
export const sha512Of = ({ integrity }: PinnedPackage): string =>
  Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex');

/** Whether these bytes are the package's tarball. */
export const isTarballOf = (bytes: Uint8Array, pinned: PinnedPackage): boolean =>
  createHash('sha512').update(bytes).digest('hex') === sha512Of(pinned);

/** The file name of its tarball, and where a registry has it, relative to the registry's URL. */
export function tarballPlace({ name, version }: PinnedPackage): { file: string; path: string } {
  const file = `${name.split('/').at(-1)}-${version}.tgz`;
  return { file, path: `${name}/-/${file}` };
}
