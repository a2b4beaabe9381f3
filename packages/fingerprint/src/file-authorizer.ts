import type { BigIntStats } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '@ouro/base/node';
import { type Abortable, SignalingError } from '@ouro/signaling';
import {
  type AuthorizedEntry,
  type AuthorizedLines,
  type BadLine,
  parseAuthorizedLines,
  withEntry,
  withoutEntry,
} from './authorized-lines.ts';
import {
  type Authorization,
  type AuthorizationRequest,
  type Authorizer,
  UnauthorizedError,
} from './authorizer.ts';
import { MAX_AUTHORIZED_BYTES, SECRET_DIRECTORY_MODE, STAMP_GRANULARITY_MS } from './constants.ts';
import { FingerprintError } from './errors.ts';
import { lockFile } from './file-lock.ts';
import type { Fingerprint } from './fingerprint.ts';
import { ioError, replacePrivate } from './private-file.ts';

/** What the file authorizer can be given. */
export interface FileAuthorizerOptions {
  /** Told each time the file is read and has lines that are neither fingerprint nor comment. */
  readonly onBadLines?: (badLines: readonly BadLine[], path: string) => void;
  /** Milliseconds since the epoch; `Date.now` by default. */
  readonly now?: () => number;
}

/** What was read, and the state of the file at that time. */
interface Snapshot {
  readonly text: string;
  readonly lines: AuthorizedLines;
  /** Undefined when the file may change again without a new stamp. */
  readonly stamp: string | undefined;
}

const NOTHING: Snapshot = { text: '', lines: { entries: [], badLines: [] }, stamp: undefined };

/**
 * Lets in the fingerprints of an `authorized_fingerprints` file: one a line, a label after the first space, `#` comments.
 * A change of the file counts from the next request on. No file lets nobody in. Bearer tokens are not looked at.
 */
export class FileAuthorizer implements Authorizer {
  readonly path: string;
  readonly #options: FileAuthorizerOptions;
  #snapshot: Snapshot = NOTHING;

  constructor(path: string, options: FileAuthorizerOptions = {}) {
    this.path = path;
    this.#options = options;
  }

  /** @throws UnauthorizedError; SignalingError `internal` when the file cannot be read, `aborted` */
  async authorize(request: AuthorizationRequest, { signal }: Abortable): Promise<Authorization> {
    if (signal.aborted) throw SignalingError.from(signal.reason);
    const presented = request.fingerprint;
    if (presented === undefined || contradicts(request.remote, presented))
      throw new UnauthorizedError(presented);
    const { lines } = await this.#read().catch((cause: unknown) => {
      throw new SignalingError(
        'internal',
        'This host cannot read its list of authorized fingerprints; see its log',
        {
          cause,
        },
      );
    });
    const entry = lines.entries.find((each) => each.fingerprint.equals(presented));
    if (entry === undefined) throw new UnauthorizedError(presented);
    return entry.label === undefined ? {} : { label: entry.label };
  }

  /** Who may connect, in the file's order. @throws FingerprintError `permissions`, `oversize`, `io` */
  async list(): Promise<readonly AuthorizedEntry[]> {
    return (await this.#read()).lines.entries;
  }

  /** The lines that are not understood. @throws FingerprintError as `list` */
  async badLines(): Promise<readonly BadLine[]> {
    return (await this.#read()).lines.badLines;
  }

  /**
   * Lets a fingerprint in, with a label or none. One that is there gets the new label if one is given.
   * @returns whether it was not there before
   * @throws FingerprintError `bad-label`, and as `list`
   */
  async add(fingerprint: Fingerprint, label?: string): Promise<boolean> {
    return this.#change((snapshot) => {
      const known = snapshot.lines.entries.find((entry) => entry.fingerprint.equals(fingerprint));
      if (known !== undefined && (label === undefined || label === known.label)) return { result: false };
      const before = known === undefined ? snapshot.text : withoutEntry(snapshot.text, fingerprint);
      return { result: known === undefined, text: withEntry(before, fingerprint, label) };
    });
  }

  /** Lets a fingerprint in no more. @returns whether it was there. @throws FingerprintError as `list` */
  async remove(fingerprint: Fingerprint): Promise<boolean> {
    return this.#change((snapshot) => {
      const text = withoutEntry(snapshot.text, fingerprint);
      return text === snapshot.text ? { result: false } : { result: true, text };
    });
  }

  async #change(edit: (snapshot: Snapshot) => { result: boolean; text?: string }): Promise<boolean> {
    await mkdir(dirname(this.path), { recursive: true, mode: SECRET_DIRECTORY_MODE }).catch(
      (cause: unknown) => {
        throw ioError('make the directory of', this.path, cause);
      },
    );
    await using _lock = await lockFile(this.path);
    this.#snapshot = NOTHING;
    const { result, text } = edit(await this.#read());
    if (text === undefined) return result;
    if (Buffer.byteLength(text) > MAX_AUTHORIZED_BYTES) throw tooLarge(this.path);
    await replacePrivate(this.path, text);
    this.#snapshot = NOTHING;
    return result;
  }

  async #read(): Promise<Snapshot> {
    const status = await stat(this.path, { bigint: true }).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw ioError('read', this.path, error);
    });
    if (status === undefined) return NOTHING;
    if (this.#snapshot.stamp === stampOf(status)) return this.#snapshot;
    const snapshot = await readSnapshot(this.path, this.#options.now ?? Date.now);
    this.#snapshot = snapshot;
    if (snapshot.lines.badLines.length > 0) this.#options.onBadLines?.(snapshot.lines.badLines, this.path);
    return snapshot;
  }
}

/** Whether the transport proved another certificate than the one that the offer announces. */
function contradicts(remote: AuthorizationRequest['remote'], presented: Fingerprint): boolean {
  return remote.kind === 'fingerprint' && remote.fingerprint !== presented.compact;
}

async function readSnapshot(path: string, now: () => number): Promise<Snapshot> {
  try {
    await using file = await open(path, 'r');
    const status = await file.stat({ bigint: true });
    checkStatus(status, path);
    const settled = now() - Number(status.mtimeMs) > STAMP_GRANULARITY_MS;
    const text = await file.readFile('utf8');
    return { text, lines: parseAuthorizedLines(text), stamp: settled ? stampOf(status) : undefined };
  } catch (error) {
    if (error instanceof FingerprintError) throw error;
    throw ioError('read', path, error);
  }
}

function checkStatus(status: BigIntStats, path: string): void {
  if (status.size > BigInt(MAX_AUTHORIZED_BYTES)) throw tooLarge(path);
  const writableByOthers = 0o022n;
  if (process.platform !== 'win32' && (status.mode & writableByOthers) !== 0n) {
    throw new FingerprintError(
      'permissions',
      `Other users can change ${path} and let themselves in; look through it, then run: chmod 600 ${path}`,
    );
  }
}

function tooLarge(path: string): FingerprintError {
  return new FingerprintError(
    'oversize',
    `${path} is over ${MAX_AUTHORIZED_BYTES} bytes; remove entries that are not needed`,
  );
}

function stampOf({ mtimeNs, ctimeNs, size, ino }: BigIntStats): string {
  return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
}
