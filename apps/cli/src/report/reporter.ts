import type { IceServerError } from '@ouro/ice';
import type { SelectedPair } from '@ouro/peer';
import type { ExitStatus } from '../exit-status.ts';
import type { PhaseRecord } from './timeline.ts';

/** What there is to say of a connection besides what the far command says. */
export interface Reporter {
  phase(record: PhaseRecord): void;
  /** The connection stands. */
  connected(pair: SelectedPair | undefined): void;
  /** There is no path for `ms` milliseconds now (`lost`), or there is one again (`found`, `moved` without a gap). */
  path(event: PathEvent): void;
  /** A STUN or TURN server was of no use; the others may be. */
  iceServer(error: IceServerError): void;
  /** The command has said its first byte; `records` are all phases. */
  firstByte(records: readonly PhaseRecord[]): void;
  /** Something the user should know though nothing is wrong. */
  notice(text: string): void;
  /** The end of it all, by an error. `text` says what happened, why and what to do next. */
  error(failure: { code: string; exit: number; text: string }): void;
  /** The end of it all, by the end of the command. */
  exit(status: ExitStatus): void;
}

/** A change of the path of a connection that stands. */
export type PathEvent =
  | { readonly state: 'lost'; readonly ms: number }
  | { readonly state: 'found' | 'moved'; readonly ms: number; readonly pair: SelectedPair | undefined };

/** The path as one phrase: `udp host 127.0.0.1:5000 -> host 127.0.0.1:7000`. */
export function describePair(pair: SelectedPair | undefined): string {
  if (pair === undefined) return 'a path that ICE does not name';
  const end = ({ type, address, port }: SelectedPair['local']) =>
    `${type} ${address.includes(':') ? `[${address}]` : address}:${port}`;
  return `${pair.local.protocol} ${end(pair.local)} -> ${end(pair.remote)}`;
}
