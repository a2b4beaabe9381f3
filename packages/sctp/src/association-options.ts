import type { RuntimeOptions } from '@ouro/base';
import type { PathLimits } from './congestion.ts';
import type { SctpError } from './errors.ts';

/** What an association is given: the path under it, and who hears what comes of it. */
export interface AssociationOptions extends RuntimeOptions {
  /** What the path takes; see `setPath`. */
  readonly path: PathLimits;
  /** Our first TSN; random if not given. */
  readonly initialTsn?: number;
  /** Sends one packet; may lose it. */
  readonly transmit: (packet: Buffer) => void;
  readonly onEstablished: () => void;
  readonly onMessage: (streamId: number, ppid: number, data: Buffer) => void;
  /** Whether messages of a stream are taken at once. */
  readonly flows: (streamId: number) => boolean;
  /** Bytes of a stream went out for the first time. */
  readonly onSent: (streamId: number, ppid: number, bytes: number) => void;
  /** Something was acknowledged: a stream may no longer be busy. */
  readonly onAcked: () => void;
  /** The far end has reset its side of these streams, none means all; everything before has been given to `onMessage`. */
  readonly onIncomingReset: (streamIds: readonly number[]) => void;
  /** Our side of these streams is reset, as `reset` asked. */
  readonly onOutgoingReset: (streamIds: readonly number[]) => void;
  /** Once, unless `abort` was called. */
  readonly onClosed: (error: SctpError) => void;
}
