import type { IceCredentials } from '@ouro/signaling';
import type { CandidateLine } from '../shared/candidate.ts';
import { emptyIceDescription, type IceDescription, type IceSection } from '../shared/ice-description.ts';
import type { DescriptionInfo } from '../shared/sdp.ts';

/** One local candidate and its m-section. */
export interface LocalCandidate {
  readonly line: CandidateLine;
  readonly mid: string | null;
}

/**
 * What one PATCH says: credentials at the level where the offer has them (RFC 8840 section 4.4), the tagged m-section of the bundle,
 * the candidates in their order.
 */
export function clientFragment(
  offer: DescriptionInfo,
  candidates: readonly LocalCandidate[],
  endOfCandidates: boolean,
): IceDescription {
  const tagged = offer.media.find((section) => section.mid === offer.bundle[0]) ?? offer.media[0];
  const mids = [...new Set(candidates.map(({ mid }) => mid ?? tagged?.mid ?? null))];
  if (mids.length === 0) mids.push(tagged?.mid ?? null);
  const atSession = offer.usernameFragment !== null;
  const media = mids.map((mid): IceSection => {
    const section = offer.media.find((each) => each.mid === mid) ?? tagged;
    return {
      mLine: section?.mLine ?? 'audio 9 RTP/AVP 0',
      mid,
      ...credentialsAt(!atSession, offer.credentials),
      candidates: candidates
        .filter((each) => (each.mid ?? tagged?.mid ?? null) === mid)
        .map(({ line }) => line),
      endOfCandidates,
    };
  });
  return {
    ...emptyIceDescription(),
    bundle: offer.bundle,
    ...credentialsAt(atSession, offer.credentials),
    media,
  };
}

/** All that an offer says of ICE, for a restart. */
export function restartFragment(offer: DescriptionInfo): IceDescription {
  const { iceLite, iceOptions, icePacing, bundle, usernameFragment, password, endOfCandidates, media } =
    offer;
  return { iceLite, iceOptions, icePacing, bundle, usernameFragment, password, endOfCandidates, media };
}

function credentialsAt(
  here: boolean,
  { usernameFragment, password }: IceCredentials,
): Pick<IceSection, 'usernameFragment' | 'password'> {
  return here ? { usernameFragment, password } : { usernameFragment: null, password: null };
}
