import { ControlError } from '@ouro/control';
import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from '@ouro/webrtc-types';
import { type CommandArgs, MAX_PROTOCOL_LENGTH, MAX_REASON_LENGTH, type SessionControl } from './commands.ts';
import { SessionError } from './errors.ts';

/**
 * Tells the opener of a channel why it is not served; resolves when it knows, so that the close comes after the reason
 * although both travel on streams of their own. Never rejects.
 * @returns undefined, or why it could not be told
 */
export async function tellRefusal(
  control: SessionControl,
  { channel, error }: { channel: DataChannelLike; error: SessionError },
  { signal }: Abortable,
): Promise<ControlError | undefined> {
  if (channel.id === null) return undefined;
  const refusal = {
    channel: channel.id,
    protocol: channel.protocol.slice(0, MAX_PROTOCOL_LENGTH),
    code: error.code,
    reason: error.message.slice(0, MAX_REASON_LENGTH),
  };
  try {
    await control.request('refused', refusal, { signal });
    return undefined;
  } catch (failure) {
    return ControlError.from(failure);
  }
}

/** What the far end said, as the error of the one who opened the channel. */
export function refusalError({ code, reason }: CommandArgs<'refused'>): SessionError {
  return new SessionError(
    isRefusalCode(code) ? code : 'refused',
    `The agent refused: ${reason || 'it gave no reason'}`,
  );
}

/** Codes that say something of the far end; another, such as `lost`, would be taken for a failure of this end. */
const REFUSAL_CODES = ['unsupported', 'bad-message', 'busy', 'not-found', 'spawn-failed'] as const;

function isRefusalCode(code: string): code is (typeof REFUSAL_CODES)[number] {
  return REFUSAL_CODES.some((one) => one === code);
}
