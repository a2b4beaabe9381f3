import { SignalingError } from '@ouro/signaling';
import type { DescriptionInfo } from './sdp.ts';

const DATA_CHANNEL = /^application \d{1,5} (?:(?:UDP|TCP)\/)?DTLS\/SCTP \S/;
const OFFERABLE = new Set(['actpass', 'active']);

/**
 * Whether an offer is one this profile can answer: nothing but data channels, in the role of DTLS client or either
 * (RFC 9725 section 4.4.2). The whole offer is refused, never a part of it by port 0.
 * @throws SignalingError `unprocessable`
 */
export function requireDataChannelOffer(offer: DescriptionInfo): void {
  if (!offer.media.every((section) => DATA_CHANNEL.test(section.mLine))) {
    throw new SignalingError(
      'unprocessable',
      'The offer has media other than data channels; this endpoint carries no audio or video. Offer one m=application section alone',
    );
  }
  if (offer.media.length > 1) {
    throw new SignalingError('unprocessable', 'The offer has more than one m=application section; offer one');
  }
  if (offer.setup.some((setup) => !OFFERABLE.has(setup))) {
    throw new SignalingError(
      'unprocessable',
      'The offer must say a=setup:actpass or a=setup:active (RFC 9725 section 4.4.2)',
    );
  }
}
