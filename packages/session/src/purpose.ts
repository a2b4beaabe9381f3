import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from '@ouro/webrtc-types';
import { SessionError } from './errors.ts';

/** One row of a table of purposes: what this end does with the channels of one `protocol`. */
export interface Purpose {
  /** The DCEP `protocol` of its channels, compared as it is. */
  readonly protocol: string;
  /**
   * Takes a channel that the far end opened, in the turn in which it appeared. The signal fires when the session is
   * over. Without it, only this end opens such channels.
   * @throws SessionError the opener is told its code and message; of any other error only that there was one
   */
  readonly take?: (channel: DataChannelLike, options: Abortable) => Promise<void> | void;
}

/** How the opener of a channel learns what became of it. Neither throws, nor rejects. */
export interface Verdicts {
  /** It was taken. */
  accepted(channel: DataChannelLike): void;
  /** It was not; resolves when the opener knows why, or cannot be told. */
  refused(channel: DataChannelLike, error: SessionError): Promise<void>;
}

/** Longest protocol that a text quotes, in UTF-16 units. */
const MAX_QUOTED = 64;

/**
 * Gives a channel that the far end opened to the purpose that its `protocol` names, in this turn; closes it with a
 * reason if there is none, or the purpose does not take it. Never rejects.
 */
export async function dispatch(
  channel: DataChannelLike,
  purposes: readonly Purpose[],
  { verdicts, signal }: Abortable & { verdicts: Verdicts },
): Promise<void> {
  try {
    await purposeOf(channel, purposes).take(channel, { signal });
    verdicts.accepted(channel);
  } catch (error) {
    await verdicts.refused(channel, toRefusal(error));
    channel.close();
  }
}

/** @throws SessionError `unsupported` */
function purposeOf({ protocol }: DataChannelLike, purposes: readonly Purpose[]): Required<Purpose> {
  const name = JSON.stringify(protocol.slice(0, MAX_QUOTED));
  const purpose = purposes.find((row) => row.protocol === protocol);
  if (!purpose) {
    const text = `Channels for ${name} are not known here: update Ouro at this end, or do without them`;
    throw new SessionError('unsupported', text);
  }
  if (takes(purpose)) return purpose;
  throw new SessionError('unsupported', `Channels for ${name} are opened by the other end alone`);
}

function takes(purpose: Purpose): purpose is Required<Purpose> {
  return purpose.take !== undefined;
}

function toRefusal(thrown: unknown): SessionError {
  if (thrown instanceof SessionError) return thrown;
  return new SessionError('refused', 'The channel could not be served', { cause: thrown });
}
