import { formatPairTried, pairsTried } from '@ouro/negotiation';
import { SignalingError } from '@ouro/signaling';

/** What the log says of a conversation that failed: its code, why, and the candidate pairs if ICE found no path. */
export function failureFields(thrown: unknown): { code: string; reason: string; pairs?: string[] } {
  const { code, message: reason } = SignalingError.from(thrown);
  const pairs = pairsTried(thrown).map(formatPairTried);
  return { code, reason, ...(pairs.length === 0 ? {} : { pairs }) };
}
