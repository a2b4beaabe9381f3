import { generateKeyPair, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { systemCode } from '@ouro/base/node';
import { selfSignedCertificate } from './certificate.ts';
import { MAX_IDENTITY_BYTES } from './constants.ts';
import { FingerprintError } from './errors.ts';
import { Fingerprint } from './fingerprint.ts';
import { parseIdentityPem, toCertificatePem } from './identity-pem.ts';
import { createPrivate, ioError } from './private-file.ts';

/** How an identity file is read. */
export interface LoadOptions {
  /**
   * Takes a file that other users can read, whose key may be known to them. Only for a first import from a program that
   * writes such files (webexec does); by default it is refused, as ssh does with its keys.
   */
  readonly allowReadableByOthers?: boolean;
}

/** What a new identity is made of. */
export interface GenerateOptions {
  /** Start of the certificate's validity; now by default. */
  readonly notBefore?: Date;
  /** Issuer and subject of the certificate, which tools show. */
  readonly commonName?: string;
}

/**
 * A peer's certificate and its private key: ECDSA P-256, self-signed, kept in one PEM file. Its fingerprint is who the
 * peer is, so nothing here ever re-issues one: not when it expires, not when the file is damaged.
 */
export class Identity {
  /** The certificate, PEM. */
  readonly certificatePem: string;
  /** The key, PKCS#8 PEM. A secret. */
  readonly privateKeyPem: string;
  readonly fingerprint: Fingerprint;
  /** The file's text, so that saving what was loaded keeps every byte (of one in pion's form: all but that). */
  readonly #text: string;

  private constructor(text: string, pem: { certificatePem: string; privateKeyPem: string }, of: Fingerprint) {
    this.#text = text;
    this.certificatePem = pem.certificatePem;
    this.privateKeyPem = pem.privateKeyPem;
    this.fingerprint = of;
  }

  /** A new one, in memory only. */
  static async generate(options: GenerateOptions = {}): Promise<Identity> {
    const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
    const certificate = selfSignedCertificate({
      privateKey,
      notBefore: options.notBefore ?? new Date(),
      serial: randomBytes(16),
      commonName: options.commonName ?? 'WebRTC',
    });
    return Identity.parse(
      toCertificatePem(certificate) + privateKey.export({ type: 'pkcs8', format: 'pem' }),
    );
  }

  /**
   * From the text of an identity file. `path` is for messages only.
   * @throws FingerprintError `malformed`, `unsupported-key`, `key-mismatch`
   */
  static async parse(text: string, path = 'the identity'): Promise<Identity> {
    const pem = parseIdentityPem(text, path);
    return new Identity(pem.text, pem, await Fingerprint.fromDer(pem.der));
  }

  /**
   * From a file: Ouro's own or webexec's `certnkey.pem`, also in pion's form.
   * @throws FingerprintError `not-found`, `permissions`, `oversize`, `io`, and those of `parse`
   */
  static async load(path: string, options: LoadOptions = {}): Promise<Identity> {
    return Identity.parse(await readIdentityFile(path, options), path);
  }

  /**
   * The one in the file, or a new one that is written there if there is none. Several processes that call this at once
   * get the same. A file that cannot be used is an error, never a reason to make another identity.
   * @throws FingerprintError as `load` (but `not-found`) and `save`
   */
  static async loadOrCreate(path: string, options: GenerateOptions = {}): Promise<Identity> {
    const existing = await Identity.#loadIfThere(path);
    if (existing !== undefined) return existing;
    const created = await Identity.generate(options);
    const mine = await createPrivate(path, created.#text);
    return mine ? created : Identity.load(path);
  }

  static async #loadIfThere(path: string): Promise<Identity | undefined> {
    try {
      return await Identity.load(path);
    } catch (error) {
      if (error instanceof FingerprintError && error.code === 'not-found') return undefined;
      throw error;
    }
  }

  /**
   * Writes it to a file, 0600, in a directory made 0700 if there is none. An identity that is there already is left
   * alone. @throws FingerprintError `exists`, `io`
   */
  async save(path: string): Promise<void> {
    if (await createPrivate(path, this.#text)) return;
    throw new FingerprintError(
      'exists',
      `There is an identity in ${path} already; move it away first if it is to be replaced (hosts that know it will not know the new one)`,
    );
  }
}

async function readIdentityFile(path: string, options: LoadOptions): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { mode, size } = await file.stat();
    const others = 0o077;
    if (process.platform !== 'win32' && (mode & others) !== 0 && options.allowReadableByOthers !== true) {
      throw new FingerprintError(
        'permissions',
        `Other users can read the private key in ${path}; if you trust them, make it private with: chmod 600 ${path}`,
      );
    }
    if (size > MAX_IDENTITY_BYTES) {
      throw new FingerprintError(
        'oversize',
        `${path} is not an identity file: it is over ${MAX_IDENTITY_BYTES} bytes`,
      );
    }
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof FingerprintError) throw error;
    if (systemCode(error) !== 'ENOENT') throw ioError('read', path, error);
    throw new FingerprintError(
      'not-found',
      `There is no identity in ${path}; it is made by the first start or by init`,
      {
        cause: error,
      },
    );
  }
}
