import { CHANNEL_PROTOCOLS } from '../protocol.ts';
import type { Purpose } from '../purpose.ts';
import { type LabelContext, labelPurpose } from './label-purpose.ts';

/** What channels are for at the agent, one row a purpose. */
export function hostPurposes(context: LabelContext): readonly Purpose[] {
  return [
    labelPurpose(context),
    // Opened by this end, for `add_pane` and `reconnect_pane`.
    { protocol: CHANNEL_PROTOCOLS.pane },
    { protocol: CHANNEL_PROTOCOLS.paneStderr },
  ];
}
