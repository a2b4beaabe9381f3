import {
  createECDH,
  createHash,
  type ECDH,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto';
import type { Random } from '@ouro/base';
import { CONTENT_TYPE, EXTENSION, HANDSHAKE_TYPE, SIGNATURE_SCHEME } from './constants.ts';
import { DtlsError } from './errors.ts';
import { extendedMasterSecret, type SessionKeys, sessionKeys, verifyData } from './key-schedule.ts';
import type { CertificateVerify, Extensions } from './messages.ts';
import { type HandshakeMessage, handshakeHeader } from './reassembly.ts';

/** Who we are in a handshake. */
export interface DtlsIdentity {
  /** DER. */
  readonly certificate: Buffer;
  /** ECDSA P-256. */
  readonly privateKey: KeyObject;
}

/** One piece of a flight, before it is cut into records. */
export interface Outgoing {
  readonly contentType: typeof CONTENT_TYPE.handshake | typeof CONTENT_TYPE.changeCipherSpec;
  readonly epoch: 0 | 1;
  readonly type: number;
  readonly sequence: number;
  readonly body: Buffer;
}

/** What a handshake needs of the endpoint around it. */
export interface HandshakeHost {
  readonly identity: DtlsIdentity;
  /** For what is shown openly; keys and signatures are made by the crypto library alone. */
  readonly random: Random;
  /** Throws when the certificate (DER) is not the one that was announced. */
  readonly checkCertificate: (der: Buffer) => void;
  /** Both directions have keys from now on. */
  setKeys(keys: SessionKeys): void;
  /** Sends a flight, and again until it is answered; `last`: no answer will come. */
  sendFlight(flight: readonly Outgoing[], options: { last: boolean }): void;
  /** The far end has proven itself and all it said. */
  done(): void;
}

const CURVE = 'prime256v1';

/**
 * What both roles of a DTLS 1.2 handshake share. Messages come whole and in order; each step takes exactly one type,
 * and a message of another type, or encrypted when it should not be (or the other way), ends the handshake.
 */
export abstract class Handshake {
  protected readonly host: HandshakeHost;
  protected readonly ecdh: ECDH = createECDH(CURVE);
  protected clientRandom: Buffer = Buffer.alloc(0);
  protected serverRandom: Buffer = Buffer.alloc(0);
  #masterSecret: Buffer = Buffer.alloc(0);
  #transcript: Buffer[] = [];
  #flight: Outgoing[] = [];
  #nextSequence = 0;
  #remoteKey: KeyObject | undefined;

  constructor(host: HandshakeHost) {
    this.host = host;
    this.ecdh.generateKeys();
  }

  /** @throws DtlsError */
  abstract handle(message: HandshakeMessage): void;

  /** Everything said so far that both sides hash (RFC 6347 section 4.2.6). */
  protected get transcript(): Buffer {
    return Buffer.concat(this.#transcript);
  }

  protected forgetTranscript(): void {
    this.#transcript = [];
  }

  protected remember({ type, sequence, body }: HandshakeMessage | Outgoing): void {
    this.#transcript.push(handshakeHeader(type, sequence, body.length), body);
  }

  /** Adds a message of ours to the flight and to the transcript. */
  protected say(type: number, body: Buffer, epoch: 0 | 1 = 0): void {
    const message = { contentType: CONTENT_TYPE.handshake, epoch, type, sequence: this.#nextSequence, body };
    this.#nextSequence += 1;
    this.remember(message);
    this.#flight.push(message);
  }

  /** Adds ChangeCipherSpec and our Finished (RFC 5246 section 7.4.9). */
  protected sayFinished(sender: 'client' | 'server'): void {
    const body = Buffer.from([1]);
    this.#flight.push({ contentType: CONTENT_TYPE.changeCipherSpec, epoch: 0, type: 0, sequence: 0, body });
    this.say(HANDSHAKE_TYPE.finished, verifyData(this.#masterSecret, sender, this.transcript), 1);
  }

  protected sendFlight(options: { last: boolean }): void {
    const flight = this.#flight;
    this.#flight = [];
    this.host.sendFlight(flight, options);
  }

  /** The far end's certificate: the announced one, with a key of a kind we can check. */
  protected takeCertificate(der: Buffer | undefined): void {
    if (der === undefined) throw new DtlsError('bad-certificate', 'The other end showed no certificate');
    this.host.checkCertificate(der);
    this.#remoteKey = publicKeyOf(der);
  }

  /** Checks a signature of the far end with the key of its certificate. */
  protected checkSignature({ scheme, signature }: CertificateVerify, data: Buffer): void {
    const key = this.#remoteKey;
    if (key === undefined) throw new DtlsError('unexpected', 'A signature came before the certificate');
    const kind =
      key.asymmetricKeyType === 'ec' ? SIGNATURE_SCHEME.ecdsaSha256 : SIGNATURE_SCHEME.rsaPkcs1Sha256;
    if (scheme !== kind || !verify('sha256', data, key, signature)) {
      throw new DtlsError(
        'bad-proof',
        'The other end could not prove that it owns the key of its certificate',
      );
    }
  }

  protected signature(data: Buffer): Buffer {
    return sign('sha256', data, this.host.identity.privateKey);
  }

  /** Agrees on the keys. Call it when the transcript ends with the ClientKeyExchange (RFC 7627 section 3). */
  protected agree(remotePoint: Buffer): void {
    const secret = this.#sharedSecret(remotePoint);
    this.#masterSecret = extendedMasterSecret(secret, this.transcript);
    this.host.setKeys(sessionKeys(this.#masterSecret, this.clientRandom, this.serverRandom));
  }

  /** The far end's Finished must cover the same handshake, made with the same secret. */
  protected checkFinished(sender: 'client' | 'server', { body }: HandshakeMessage): void {
    const expected = verifyData(this.#masterSecret, sender, this.transcript);
    if (body.length !== expected.length || !timingSafeEqual(body, expected)) {
      throw new DtlsError('bad-proof', 'The Finished of the other end does not fit this handshake');
    }
  }

  #sharedSecret(remotePoint: Buffer): Buffer {
    try {
      return this.ecdh.computeSecret(remotePoint);
    } catch (cause) {
      throw new DtlsError('illegal-value', 'The key share of the other end is not a point of P-256', {
        cause,
      });
    }
  }
}

/** The SHA-256 of a certificate in DER: what a fingerprint says. */
export function certificateHash(der: Buffer): Buffer {
  return createHash('sha256').update(der).digest();
}

/** RFC 7627: without it, a man in the middle could make two sessions with one secret. */
export function requireExtendedMasterSecret(extensions: Extensions): void {
  if (extensions.has(EXTENSION.extendedMasterSecret)) return;
  throw new DtlsError('no-overlap', 'The other end does not know the extended master secret (RFC 7627)');
}

/** The message's type and protection must be what this step takes. */
export function expectMessage(message: HandshakeMessage, type: number): void {
  const epoch = type === HANDSHAKE_TYPE.finished ? 1 : 0;
  if (message.type === type && message.epoch === epoch) return;
  throw new DtlsError('unexpected', `Handshake message ${message.type} came where ${type} belongs`);
}

function publicKeyOf(der: Buffer): KeyObject {
  let key: KeyObject;
  try {
    key = new X509Certificate(der).publicKey;
  } catch (cause) {
    throw new DtlsError('bad-certificate', 'The certificate of the other end cannot be read', { cause });
  }
  const usable =
    key.asymmetricKeyType === 'rsa' ||
    (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === CURVE);
  if (usable) return key;
  throw new DtlsError(
    'bad-certificate',
    'The certificate of the other end has a key that is neither P-256 nor RSA',
  );
}
