import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { type Abortable, SignalingError } from '@ouro/signaling';
import { TLS_POLL_MS } from './constants.ts';

/** Paths of a certificate chain and its private key, both PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate chain and its private key: `https` options of Fastify. The key is a secret. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
}

/** A server that can change its certificate: `fastify.server` of one that was made with `https`. */
export interface TlsServer {
  setSecureContext(material: TlsMaterial): void;
}

/** What `reloadTls` tells, and how often it looks. */
export interface ReloadTlsOptions extends Abortable {
  readonly onReload?: () => void;
  /** The old certificate stays in use. */
  readonly onError?: (error: SignalingError) => void;
  /** Pause between two looks at the files, in ms. */
  readonly pollMs?: number;
}

/** Reads both files and checks that they belong together. @throws SignalingError `internal`, which names the files */
export async function readTls(files: TlsFiles): Promise<TlsMaterial> {
  try {
    const material = await readBoth(files);
    createSecureContext(material);
    return material;
  } catch (cause) {
    throw unusable(files, cause);
  }
}

/**
 * Gives the server what is in the files, now and whenever it changes, until the signal fires; then it resolves. Connections that are
 * open keep the old certificate. While only one of the two files is new, or one is half written, the old pair stays.
 */
export async function reloadTls(
  server: TlsServer,
  files: TlsFiles,
  options: ReloadTlsOptions,
): Promise<void> {
  const { signal, pollMs = TLS_POLL_MS } = options;
  let seen = '';
  // Their content is compared, since a certificate is often a symbolic link that is put in place of another.
  while (!signal.aborted) {
    const material = await readBoth(files).catch(() => undefined);
    const content = `${material?.cert}${material?.key}`;
    if (content !== seen) takeOver(server, files, material, options);
    seen = content;
    await setTimeout(pollMs, undefined, { ref: false, signal }).catch(() => {});
  }
}

function takeOver(
  server: TlsServer,
  files: TlsFiles,
  material: TlsMaterial | undefined,
  options: ReloadTlsOptions,
): void {
  try {
    if (material === undefined) throw new Error('The files cannot be read');
    createSecureContext(material);
    server.setSecureContext(material);
    options.onReload?.();
  } catch (cause) {
    options.onError?.(unusable(files, cause));
  }
}

async function readBoth(files: TlsFiles): Promise<TlsMaterial> {
  const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')]);
  // Node takes an empty certificate for none, and serves without one.
  if (cert.trim() === '' || key.trim() === '') throw new Error('A file is empty');
  return { cert, key };
}

function unusable({ cert, key }: TlsFiles, cause: unknown): SignalingError {
  const message = `The TLS certificate ${cert} and the key ${key} cannot be used together; check both files`;
  return new SignalingError('internal', message, { cause });
}
