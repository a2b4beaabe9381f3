import type { Clock, RuntimeOptions } from '@ouro/base';
import { runtimeOf } from '@ouro/base/node';
import { ClientHandshake } from './client-handshake.ts';
import {
  ALERT,
  ALERT_LEVEL,
  CONTENT_TYPE,
  MAX_EARLY_RECORDS,
  UNAUTHENTICATED_ALERT_GRACE_MS,
} from './constants.ts';
import { DtlsError } from './errors.ts';
import { flightDatagrams } from './flight.ts';
import type { DtlsIdentity, Handshake, HandshakeHost, Outgoing } from './handshake.ts';
import type { SessionKeys, WriteKeys } from './key-schedule.ts';
import { HandshakeReassembly } from './reassembly.ts';
import { type DtlsRecord, recordHeader, splitDatagram } from './record.ts';
import { open, seal } from './record-cipher.ts';
import { ReplayWindow } from './replay-window.ts';
import { Retransmitter } from './retransmitter.ts';
import { ServerHandshake } from './server-handshake.ts';

/** Who says hello: the client. Agreed on in the descriptions (RFC 8842). */
export type DtlsRole = 'client' | 'server';

/** What an association is given: who we are, the way to the far end, and who hears what comes of it. */
export interface DtlsOptions extends RuntimeOptions {
  readonly role: DtlsRole;
  readonly identity: DtlsIdentity;
  /** Throws when the far end's certificate (DER) is not the announced one. Called before anything of it is trusted. */
  readonly checkCertificate: (der: Buffer) => void;
  /** Sends one datagram to the far end; may lose it. */
  readonly transmit: (datagram: Buffer) => void;
  readonly onConnected: () => void;
  /** One decrypted record of the far end, only after `onConnected`. */
  readonly onData: (data: Buffer) => void;
  /** Once, unless `close` was called: the far end closed (no error), or the association failed. */
  readonly onClosed: (error: DtlsError | undefined) => void;
}

/**
 * One DTLS 1.2 association (RFC 6347) for WebRTC: both ends show a certificate and prove that they own its key, the
 * master secret is bound to the handshake (RFC 7627), there is one suite and one curve, no session resumption and no
 * renegotiation (RFC 8827 section 6.5). After the handshake nothing that is not encrypted changes its state.
 */
export class DtlsEndpoint {
  readonly #options: DtlsOptions;
  readonly #clock: Clock;
  readonly #handshake: Handshake;
  readonly #reassembly = new HandshakeReassembly();
  readonly #retransmitter: Retransmitter;
  readonly #replay = new ReplayWindow();
  readonly #sent: [number, number] = [0, 0];
  #state: 'new' | 'handshaking' | 'connected' | 'closed' = 'new';
  #remoteCertificate: Buffer | undefined;
  #writeKeys: WriteKeys | undefined;
  #readKeys: WriteKeys | undefined;
  #earlyRecords: DtlsRecord[] = [];
  #earlyData: Buffer[] = [];
  #cancelDoubt: (() => void) | undefined;

  constructor(options: DtlsOptions) {
    const { clock, random } = runtimeOf(options);
    this.#options = options;
    this.#clock = clock;
    this.#retransmitter = new Retransmitter(clock, () =>
      this.#fail(new DtlsError('timeout', 'The other end does not answer the DTLS handshake')),
    );
    const host: HandshakeHost = {
      identity: options.identity,
      random,
      checkCertificate: (der) => this.#takeCertificate(der),
      setKeys: (keys) => this.#setKeys(keys),
      sendFlight: (flight, { last }) => this.#sendFlight(flight, last),
      done: () => this.#connected(),
    };
    this.#handshake = options.role === 'client' ? new ClientHandshake(host) : new ServerHandshake(host);
  }

  get connected(): boolean {
    return this.#state === 'connected';
  }

  /** DER of the certificate whose owner has proven himself; undefined before `onConnected`. */
  get remoteCertificate(): Buffer | undefined {
    return this.connected ? this.#remoteCertificate : undefined;
  }

  /** Begins: the client says hello, the server listens. Once. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'handshaking';
    if (this.#handshake instanceof ClientHandshake) this.#handshake.start();
  }

  /** Takes one datagram of any provenance. Never throws; what does not belong is dropped. */
  receive(datagram: Buffer): void {
    for (const record of splitDatagram(datagram)) {
      if (this.#state !== 'handshaking' && this.#state !== 'connected') return;
      this.#guarded(() => {
        if (record.epoch === 0) this.#receivePlain(record);
        else if (record.epoch === 1) this.#receiveSealed(record);
      });
    }
  }

  /** Sends one record of application data, at most 16 KiB. Nothing happens unless connected. */
  send(data: Buffer): void {
    if (this.#state === 'connected')
      this.#options.transmit(this.#record(CONTENT_TYPE.applicationData, 1, data));
  }

  /** Tells the far end, if there is a session, and ends all timers. Twice is once. */
  close(): void {
    if (this.#state === 'connected') this.#sendAlert(ALERT_LEVEL.warning, ALERT.closeNotify);
    this.#end();
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#fail(DtlsError.from(thrown));
    }
  }

  #receivePlain({ type, fragment }: DtlsRecord): void {
    if (this.#state === 'connected') {
      // Only a repeated flight has a meaning now: our last one was lost. Anything else could be anybody's.
      if (type === CONTENT_TYPE.handshake) this.#retransmitter.repeated();
    } else if (type === CONTENT_TYPE.handshake) this.#receiveHandshake(fragment, 0);
    else if (type === CONTENT_TYPE.alert && fragment[0] === ALERT_LEVEL.fatal) this.#doubt(fragment[1] ?? 0);
  }

  #receiveSealed(record: DtlsRecord): void {
    const keys = this.#readKeys;
    if (keys === undefined) {
      if (this.#earlyRecords.length < MAX_EARLY_RECORDS) this.#earlyRecords.push(record);
      return;
    }
    if (!this.#replay.isNew(record.sequence)) return;
    const plain = open(keys, record);
    if (plain === undefined) return;
    this.#replay.mark(record.sequence);
    if (record.type === CONTENT_TYPE.applicationData) this.#receiveData(plain);
    else if (record.type === CONTENT_TYPE.handshake) this.#receiveSealedHandshake(plain);
    else if (record.type === CONTENT_TYPE.alert) this.#receiveAlert(plain);
  }

  #receiveData(data: Buffer): void {
    if (this.#state === 'connected') this.#options.onData(data);
    else if (this.#earlyData.length < MAX_EARLY_RECORDS) this.#earlyData.push(data);
  }

  #receiveSealedHandshake(plain: Buffer): void {
    if (this.#state === 'handshaking') this.#receiveHandshake(plain, 1);
    else this.#retransmitter.repeated();
  }

  #receiveHandshake(fragments: Buffer, epoch: number): void {
    if (this.#reassembly.push(fragments, epoch)) this.#retransmitter.repeated();
    for (;;) {
      const message = this.#state === 'handshaking' ? this.#reassembly.take() : undefined;
      if (message === undefined) return;
      this.#handshake.handle(message);
      if (this.#readKeys !== undefined)
        for (const early of this.#earlyRecords.splice(0)) this.#receiveSealed(early);
    }
  }

  #receiveAlert(plain: Buffer): void {
    const [level, description] = plain;
    if (description === ALERT.closeNotify) this.#closedByPeer(undefined);
    else if (level === ALERT_LEVEL.fatal) this.#closedByPeer(alertError(description ?? 0));
  }

  /** An alert that nobody has signed: believed only if the handshake does not come to its end all the same. */
  #doubt(description: number): void {
    this.#cancelDoubt ??= this.#clock.after(UNAUTHENTICATED_ALERT_GRACE_MS, () =>
      this.#fail(alertError(description)),
    );
  }

  #takeCertificate(der: Buffer): void {
    try {
      this.#options.checkCertificate(der);
    } catch (cause) {
      throw new DtlsError('bad-certificate', 'The certificate of the other end is not the announced one', {
        cause,
      });
    }
    this.#remoteCertificate = Buffer.from(der);
  }

  #setKeys({ client, server }: SessionKeys): void {
    const isClient = this.#options.role === 'client';
    this.#writeKeys = isClient ? client : server;
    this.#readKeys = isClient ? server : client;
  }

  #connected(): void {
    this.#state = 'connected';
    this.#cancelDoubt?.();
    // The client's last flight was answered; the server's may still have to be repeated.
    this.#retransmitter.stop({ forget: this.#options.role === 'client' });
    this.#options.onConnected();
    for (const data of this.#earlyData.splice(0)) if (this.connected) this.#options.onData(data);
  }

  #sendFlight(flight: readonly Outgoing[], last: boolean): void {
    const send = (): void => {
      for (const datagram of flightDatagrams(flight, (...record) => this.#record(...record))) {
        this.#options.transmit(datagram);
      }
    };
    this.#retransmitter.start(send, { last });
  }

  #sendAlert(level: number, description: number): void {
    const epoch = this.connected ? 1 : 0;
    this.#options.transmit(this.#record(CONTENT_TYPE.alert, epoch, Buffer.from([level, description])));
  }

  #record(type: number, epoch: 0 | 1, fragment: Buffer): Buffer {
    const sequence = this.#sent[epoch];
    this.#sent[epoch] += 1;
    const keys = this.#writeKeys;
    if (epoch === 1 && keys === undefined) throw new DtlsError('internal', 'There are no keys yet');
    const body = epoch === 1 && keys ? seal(keys, { type, epoch, sequence, fragment }) : fragment;
    return Buffer.concat([recordHeader(type, epoch, sequence, body.length), body]);
  }

  #fail(error: DtlsError): void {
    if (this.#state === 'closed') return;
    if (error.alert !== undefined) this.#sendAlert(ALERT_LEVEL.fatal, error.alert);
    this.#closedByPeer(error);
  }

  #closedByPeer(error: DtlsError | undefined): void {
    this.#end();
    this.#options.onClosed(error);
  }

  #end(): void {
    this.#state = 'closed';
    this.#cancelDoubt?.();
    this.#retransmitter.stop({ forget: true });
    this.#earlyRecords = [];
    this.#earlyData = [];
  }
}

function alertError(description: number): DtlsError {
  return new DtlsError('alert', `The other end refused the DTLS session (alert ${description})`);
}
