import {
  DTLS_1_2,
  HANDSHAKE_TYPE,
  NAMED_CURVE,
  NULL_COMPRESSION,
  RANDOM_BYTES,
  SECP256R1,
  SIGNATURE_SCHEME,
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
} from './constants.ts';
import { DtlsError } from './errors.ts';
import { expectMessage, Handshake, type HandshakeHost, requireExtendedMasterSecret } from './handshake.ts';
import {
  decodeCertificate,
  decodeCertificateRequest,
  decodeHelloVerifyRequest,
  decodeServerHello,
  decodeServerKeyExchange,
  encodeCertificate,
  encodeCertificateVerify,
  encodeClientHello,
  encodeClientKeyExchange,
} from './messages.ts';
import type { HandshakeMessage } from './reassembly.ts';
import { Reader } from './wire.ts';

type Step = (message: HandshakeMessage) => void;

/** The client of a DTLS 1.2 handshake (RFC 6347 figure 1). */
export class ClientHandshake extends Handshake {
  #step: Step;
  #serverPoint: Buffer = Buffer.alloc(0);
  #cookieSeen = false;

  constructor(host: HandshakeHost) {
    super(host);
    this.clientRandom = Buffer.from(host.random(RANDOM_BYTES));
    this.#step = this.#serverHello;
  }

  start(): void {
    this.#sendHello(Buffer.alloc(0));
  }

  handle(message: HandshakeMessage): void {
    this.#step(message);
  }

  #sendHello(cookie: Buffer): void {
    this.forgetTranscript();
    this.say(HANDSHAKE_TYPE.clientHello, encodeClientHello(this.clientRandom, cookie));
    this.sendFlight({ last: false });
  }

  readonly #serverHello: Step = (message) => {
    if (message.type === HANDSHAKE_TYPE.helloVerifyRequest && !this.#cookieSeen) {
      this.#cookieSeen = true;
      return this.#sendHello(decodeHelloVerifyRequest(message.body));
    }
    expectMessage(message, HANDSHAKE_TYPE.serverHello);
    const hello = decodeServerHello(message.body);
    if (hello.version !== DTLS_1_2) throw new DtlsError('version', 'The other end does not speak DTLS 1.2');
    const known =
      hello.suite === TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 && hello.compression === NULL_COMPRESSION;
    if (!known) throw new DtlsError('illegal-value', 'The other end chose what was not offered');
    requireExtendedMasterSecret(hello.extensions);
    this.serverRandom = hello.random;
    this.remember(message);
    this.#step = this.#certificate;
  };

  readonly #certificate: Step = (message) => {
    expectMessage(message, HANDSHAKE_TYPE.certificate);
    this.takeCertificate(decodeCertificate(message.body));
    this.remember(message);
    this.#step = this.#serverKeyExchange;
  };

  readonly #serverKeyExchange: Step = (message) => {
    expectMessage(message, HANDSHAKE_TYPE.serverKeyExchange);
    const exchange = decodeServerKeyExchange(message.body);
    const { curveType, curve, scheme, params } = exchange;
    if (curveType !== NAMED_CURVE || curve !== SECP256R1 || scheme !== SIGNATURE_SCHEME.ecdsaSha256) {
      throw new DtlsError('illegal-value', 'The other end chose a curve or a signature that was not offered');
    }
    this.checkSignature(exchange, Buffer.concat([this.clientRandom, this.serverRandom, params]));
    this.#serverPoint = exchange.publicKey;
    this.remember(message);
    this.#step = this.#certificateRequest;
  };

  readonly #certificateRequest: Step = (message) => {
    // A WebRTC server always asks (RFC 8842 section 5.1): one that does not could let anybody in beside us.
    expectMessage(message, HANDSHAKE_TYPE.certificateRequest);
    if (!decodeCertificateRequest(message.body).includes(SIGNATURE_SCHEME.ecdsaSha256)) {
      throw new DtlsError('no-overlap', 'The other end does not take ECDSA signatures');
    }
    this.remember(message);
    this.#step = this.#serverHelloDone;
  };

  readonly #serverHelloDone: Step = (message) => {
    expectMessage(message, HANDSHAKE_TYPE.serverHelloDone);
    new Reader(message.body).end();
    this.remember(message);
    this.#step = this.#finished;
    this.say(HANDSHAKE_TYPE.certificate, encodeCertificate(this.host.identity.certificate));
    this.say(HANDSHAKE_TYPE.clientKeyExchange, encodeClientKeyExchange(this.ecdh.getPublicKey()));
    this.agree(this.#serverPoint);
    this.say(HANDSHAKE_TYPE.certificateVerify, encodeCertificateVerify(this.signature(this.transcript)));
    this.sayFinished('client');
    this.sendFlight({ last: false });
  };

  readonly #finished: Step = (message) => {
    expectMessage(message, HANDSHAKE_TYPE.finished);
    this.checkFinished('server', message);
    this.#step = this.#over;
    this.host.done();
  };

  readonly #over: Step = () => {};
}
