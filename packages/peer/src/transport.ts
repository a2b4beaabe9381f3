import type { Runtime } from '@ouro/base';
import { isLoopback } from '@ouro/base';
import { certificateHash, DtlsEndpoint, type DtlsIdentity, type DtlsRole } from '@ouro/dtls';
import { type CandidatePair, type IceState, IceTransport, type IceTransportOptions } from '@ouro/ice';
import type { DataChannel } from '@ouro/sctp';
import { Channels, LOOPBACK_PATH, type PathLimits, UNKNOWN_PATH } from '@ouro/sctp';
import type { DtlsState } from './states.ts';

/** What a transport is given: as ICE, who we are, and who hears what comes of it. */
export interface TransportOptions
  extends Runtime,
    Pick<IceTransportOptions, 'sources' | 'servers' | 'consentTimeoutMs' | 'onCandidate' | 'onServerError'> {
  readonly identity: DtlsIdentity;
  readonly onChannel: (channel: DataChannel) => void;
  /** A path, or another one, is in use. */
  readonly onPath: () => void;
  readonly onIceState: (state: IceState) => void;
  readonly onDtlsState: (state: DtlsState) => void;
  /** The far end has closed the connection. */
  readonly onClosed: () => void;
}

/** What is agreed on before DTLS can start. */
export interface Agreement {
  readonly role: DtlsRole;
  /** SHA-256 of the only certificate that is accepted, 64 upper-case hex digits. */
  readonly fingerprint: string;
  /** Largest SCTP packet, in bytes, that the far end is known to take. */
  readonly maxPacketBytes?: number | undefined;
}

/** Most datagrams kept that come between the first checked pair and the selected one: a ClientHello and its repeats. */
const MAX_EARLY_DATAGRAMS = 8;

/** ICE, DTLS over it, and data channels over that: what one description's section describes. */
export class Transport {
  readonly ice: IceTransport;
  readonly channels: Channels;
  readonly #options: TransportOptions;
  #agreement: Agreement | undefined;
  #dtls: DtlsEndpoint | undefined;
  #early: Buffer[] = [];
  #failure: Error | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.ice = new IceTransport({
      ...options,
      onState: (state) => options.onIceState(state),
      onSelected: (pair, path) => this.#selected(pair, path),
      onData: (datagram) => this.#received(datagram),
    });
    this.channels = new Channels({
      clock: options.clock,
      random: options.random,
      path: UNKNOWN_PATH,
      transmit: (packet) => this.#dtls?.send(packet),
      onChannel: options.onChannel,
      onClosed: (error) => (error.code === 'aborted' ? options.onClosed() : this.#failed(error)),
    });
  }

  /** DER of the certificate that the far end has proven to own; undefined before. */
  get remoteCertificate(): Buffer | undefined {
    return this.#dtls?.remoteCertificate;
  }

  /** Why the DTLS transport has failed. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Our role in DTLS, once agreed on. */
  get role(): DtlsRole | undefined {
    return this.#agreement?.role;
  }

  /** Who the far end must be, and who says hello. Before ICE starts; what comes later changes nothing. */
  agree(agreement: Agreement): void {
    this.#agreement ??= agreement;
  }

  /** Tells the far end as far as there is a way, and frees everything. Twice is once. */
  close(): void {
    this.channels.close();
    this.#dtls?.close();
    this.ice.close();
    this.#early = [];
  }

  #selected(pair: CandidatePair, path: { readonly silent: boolean }): void {
    const agreement = this.#agreement;
    this.channels.setPath(pathOf(pair, agreement?.maxPacketBytes), path);
    this.#options.onPath();
    if (this.#dtls !== undefined || agreement === undefined) return;
    const { clock, random, identity } = this.#options;
    const dtls = new DtlsEndpoint({
      clock,
      random,
      role: agreement.role,
      identity,
      checkCertificate: (der) => checkFingerprint(der, agreement.fingerprint),
      transmit: (datagram) => this.ice.send(datagram),
      onConnected: () => this.#connected(agreement.role),
      onData: (packet) => this.channels.receive(packet),
      onClosed: (error) => (error === undefined ? this.#options.onClosed() : this.#failed(error)),
    });
    this.#dtls = dtls;
    this.#options.onDtlsState('connecting');
    dtls.start();
    for (const datagram of this.#early.splice(0)) dtls.receive(datagram);
  }

  #received(datagram: Buffer): void {
    if (this.#dtls !== undefined) this.#dtls.receive(datagram);
    else if (this.#early.length < MAX_EARLY_DATAGRAMS) this.#early.push(datagram);
  }

  #connected(role: DtlsRole): void {
    this.#options.onDtlsState('connected');
    this.channels.start(role, { initiate: this.ice.controlling });
  }

  #failed(error: Error): void {
    this.#failure = error;
    this.channels.close();
    this.#dtls?.close();
    this.#options.onDtlsState('failed');
  }
}

/** What every path and every stack carries; on loopback as much as the far end says that it takes. */
function pathOf({ local, remote }: CandidatePair, maxPacketBytes = UNKNOWN_PATH.mtu): PathLimits {
  const inside = isLoopback(remote.address) && local.type !== 'relay';
  if (!inside || maxPacketBytes <= UNKNOWN_PATH.mtu) return UNKNOWN_PATH;
  return { ...LOOPBACK_PATH, mtu: Math.min(maxPacketBytes, LOOPBACK_PATH.mtu) };
}

function checkFingerprint(der: Buffer, fingerprint: string): void {
  if (certificateHash(der).toString('hex').toUpperCase() === fingerprint) return;
  throw new Error('The certificate does not have the announced fingerprint');
}
