import { MAX_MESSAGE_BYTES } from '../constants.ts';
import { SignalingError } from '../errors.ts';
import type { SignalCodec } from '../signal.ts';
import { signalToJson } from './json-signal.ts';
import { JsonTextDecoder } from './json-text-decoder.ts';

/**
 * Signals as lines of JSON: RTCSessionDescriptionInit and RTCIceCandidateInit as browsers write them, each
 * on a line of its own. `decode` takes any white space, or none, between several texts of one message, and
 * `null` or an empty `candidate` as end-of-candidates; `encode` ends the line with `\n`.
 */
export const jsonLineCodec: SignalCodec = {
  decode(bytes) {
    assertSize(bytes);
    const decoder = new JsonTextDecoder();
    return [...decoder.push(bytes), ...decoder.end()];
  },
  encode(signal) {
    const bytes = new TextEncoder().encode(`${JSON.stringify(signalToJson(signal))}\n`);
    assertSize(bytes);
    return bytes;
  },
};

function assertSize(bytes: Uint8Array): void {
  if (bytes.length <= MAX_MESSAGE_BYTES) return;
  throw new SignalingError('oversize', `A message has more than ${MAX_MESSAGE_BYTES} bytes`);
}
