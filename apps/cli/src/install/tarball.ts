import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '@ouro/base/node';
import type { Abortable } from '@ouro/signaling';
import { CliError } from '../errors.ts';
import { MAX_TARBALL_BYTES, TRANSFER_TIMEOUT_MS } from './constants.ts';
import { isTarballOf, type PinnedPackage, tarballPlace } from './pinned-packages.ts';
import { Stall } from './stall.ts';

/** How far a transfer is, in bytes; `total` is undefined where it is not known. */
export type OnTransfer = (done: number, total: number | undefined) => void;

/** Where tarballs come from and where they are kept. */
export interface TarballOptions extends Abortable {
  readonly registry: URL;
  /** Directory of this client's cache. */
  readonly cache: string;
  readonly onTransfer: OnTransfer;
}

/** A URL without the password it may hold. */
const shown = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

const causeOf = (thrown: unknown): string => {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  return systemCode(cause) ?? (cause instanceof Error ? cause.message : 'unknown failure');
};

/** `fetch` takes no password in a URL. */
function requestOf(url: URL): [URL, Record<string, string>] {
  if (url.username === '' && url.password === '') return [url, {}];
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return [bare, { authorization: `Basic ${Buffer.from(login).toString('base64')}` }];
}

async function bodyOf(response: Response, onTransfer: OnTransfer, stall: Stall): Promise<Uint8Array> {
  const total = Number(response.headers.get('content-length')) || undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    stall.moved();
    size += chunk.length;
    if (size > MAX_TARBALL_BYTES) throw new Error(`it is larger than ${MAX_TARBALL_BYTES} bytes`);
    chunks.push(chunk);
    onTransfer(size, total);
  }
  return Buffer.concat(chunks);
}

async function download(url: URL, { onTransfer, signal }: TarballOptions): Promise<Uint8Array> {
  using stall = new Stall();
  const limits = [signal, stall.signal, AbortSignal.timeout(TRANSFER_TIMEOUT_MS)];
  const [address, headers] = requestOf(url);
  try {
    const response = await fetch(address, { headers, signal: AbortSignal.any(limits) });
    if (!response.ok) throw new Error(`the answer was ${response.status}`);
    return await bodyOf(response, onTransfer, stall);
  } catch (thrown) {
    signal.throwIfAborted();
    throw new CliError('install', `${shown(url)} could not be had: ${causeOf(thrown)}`, { cause: thrown });
  }
}

/** A cache that cannot be written costs the next download, not this installation. */
async function keep(file: string, bytes: Uint8Array): Promise<void> {
  try {
    const { default: writeFileAtomic } = await import('write-file-atomic');
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFileAtomic(file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    // As said.
  }
}

/**
 * The tarball of a package, out of the cache or a registry, its hash compared with the pinned one.
 * @throws CliError `install` when it cannot be had or is another
 */
export async function fetchTarball(pinned: PinnedPackage, options: TarballOptions): Promise<Uint8Array> {
  const { file, path } = tarballPlace(pinned);
  const cached = join(options.cache, file);
  const kept = await readFile(cached).catch(() => undefined);
  if (kept !== undefined && isTarballOf(kept, pinned)) return kept;
  const url = new URL(path, options.registry);
  const bytes = await download(url, options);
  if (!isTarballOf(bytes, pinned)) throw corruptTarball(pinned, shown(url));
  await keep(cached, bytes);
  return bytes;
}

/** A package that is not the one this client was made for. */
export const corruptTarball = ({ name, version }: PinnedPackage, from: string): CliError =>
  new CliError(
    'install',
    `What ${from} gives is not ${name} ${version} as it was published: its SHA-512 is another. It was refused and nothing was installed. Try again, or name another registry with --registry`,
  );
