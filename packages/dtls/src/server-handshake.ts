import {
  DTLS_1_2,
  EMPTY_RENEGOTIATION_INFO_SCSV,
  EXTENSION,
  HANDSHAKE_TYPE,
  NULL_COMPRESSION,
  RANDOM_BYTES,
  SECP256R1,
  SIGNATURE_SCHEME,
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
} from './constants.ts';
import { DtlsError } from './errors.ts';
import { expectMessage, Handshake, type HandshakeHost, requireExtendedMasterSecret } from './handshake.ts';
import {
  type ClientHello,
  chooseSrtpProfile,
  decodeCertificate,
  decodeCertificateVerify,
  decodeClientHello,
  decodeClientKeyExchange,
  encodeCertificate,
  encodeCertificateRequest,
  encodeServerHello,
  encodeServerKeyExchange,
  encodeServerParams,
} from './messages.ts';
import type { HandshakeMessage } from './reassembly.ts';
import { Reader } from './wire.ts';

type Step = (message: HandshakeMessage) => void;

/**
 * The server of a DTLS 1.2 handshake (RFC 6347 figure 1). It sends no HelloVerifyRequest: ICE has shown already that
 * the far end receives what is sent to its address, which is all that a cookie shows (RFC 6347 section 4.2.1).
 */
export class ServerHandshake extends Handshake {
  #step: Step;

  constructor(host: HandshakeHost) {
    super(host);
    this.serverRandom = Buffer.from(host.random(RANDOM_BYTES));
    this.#step = this.#clientHello;
  }

  handle(message: HandshakeMessage): void {
    this.#step(message);
  }

  readonly #clientHello: Step = (message) => {
    expectMessage(message, HANDSHAKE_TYPE.clientHello);
    const hello = decodeClientHello(message.body);
    checkHello(hello);
    this.clientRandom = hello.random;
    this.remember(message);
    this.#step = this.#certificate;
    const grants = {
      secureRenegotiation: asksSecureRenegotiation(hello),
      srtpProfile: chooseSrtpProfile(hello.extensions.get(EXTENSION.useSrtp)),
    };
    this.say(HANDSHAKE_TYPE.serverHello, encodeServerHello(this.serverRandom, grants));
    this.say(HANDSHAKE_TYPE.certificate, encodeCertificate(this.host.identity.certificate));
    const params = encodeServerParams(this.ecdh.getPublicKey());
    const signature = this.signature(Buffer.concat([this.clientRandom, this.serverRandom, params]));
    this.say(HANDSHAKE_TYPE.serverKeyExchange, encodeServerKeyExchange(params, signature));
    this.say(HANDSHAKE_TYPE.certificateRequest, encodeCertificateRequest());
    this.say(HANDSHAKE_TYPE.serverHelloDone, Buffer.alloc(0));
    this.sendFlight({ last: false });
  };

  readonly #certificate: Step = (message) => {
    expectMessage(message, HANDSHAKE_TYPE.certificate);
    this.takeCertificate(decodeCertificate(message.body));
    this.remember(message);
    this.#step = this.#clientKeyExchange;
  };

  readonly #clientKeyExchange: Step = (message) => {
    expectMessage(message, HANDSHAKE_TYPE.clientKeyExchange);
    const point = decodeClientKeyExchange(message.body);
    this.remember(message);
    this.agree(point);
    this.#step = this.#certificateVerify;
  };

  readonly #certificateVerify: Step = (message) => {
    expectMessage(message, HANDSHAKE_TYPE.certificateVerify);
    this.checkSignature(decodeCertificateVerify(message.body), this.transcript);
    this.remember(message);
    this.#step = this.#finished;
  };

  readonly #finished: Step = (message) => {
    expectMessage(message, HANDSHAKE_TYPE.finished);
    this.checkFinished('client', message);
    this.remember(message);
    this.#step = this.#over;
    this.sayFinished('server');
    this.sendFlight({ last: true });
    this.host.done();
  };

  readonly #over: Step = () => {};
}

function checkHello({ version, suites, compressions, extensions }: ClientHello): void {
  // Lower is newer; a client of DTLS 1.3 says 1.2 here and the rest in an extension (RFC 9147 section 5.3).
  if (version >>> 8 !== DTLS_1_2 >>> 8 || version > DTLS_1_2) {
    throw new DtlsError('version', 'The other end does not speak DTLS 1.2');
  }
  if (!suites.includes(TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) || !compressions.includes(NULL_COMPRESSION)) {
    throw new DtlsError('no-overlap', 'The other end does not have TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
  }
  requireExtendedMasterSecret(extensions);
  requireIn(extensions.get(EXTENSION.supportedGroups), SECP256R1, 'the curve P-256');
  requireIn(
    extensions.get(EXTENSION.signatureAlgorithms),
    SIGNATURE_SCHEME.ecdsaSha256,
    'ECDSA with SHA-256',
  );
}

/** A list that is not sent excludes nothing (RFC 8422 section 4, RFC 5246 section 7.4.1.4.1). */
function requireIn(list: Buffer | undefined, wanted: number, name: string): void {
  if (list === undefined || new Reader(list).uints(2, 2).includes(wanted)) return;
  throw new DtlsError('no-overlap', `The other end does not have ${name}`);
}

function asksSecureRenegotiation({ suites, extensions }: ClientHello): boolean {
  return suites.includes(EMPTY_RENEGOTIATION_INFO_SCSV) || extensions.has(EXTENSION.renegotiationInfo);
}
