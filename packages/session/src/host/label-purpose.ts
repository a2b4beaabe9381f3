import type { DataChannelLike } from '@ouro/webrtc-types';
import { SessionError } from '../errors.ts';
import { CHANNEL_PROTOCOLS } from '../protocol.ts';
import type { Purpose } from '../purpose.ts';
import { parseLabel } from './label.ts';
import type { PaneChannels } from './pane-channels.ts';

/** What channels without a `protocol` work on. */
export interface LabelContext {
  /** Takes the `%` channel. @throws SessionError `busy` when there is one */
  openControl: (channel: DataChannelLike) => void;
  channels: PaneChannels;
}

/** Channels without a `protocol`: `%`, and the panes of older clients. */
export function labelPurpose({ openControl, channels }: LabelContext): Purpose {
  return {
    protocol: CHANNEL_PROTOCOLS.byLabel,
    take: (channel) => {
      const asked = parseLabel(channel.label);
      if (!asked)
        throw new SessionError('bad-message', 'The label of the channel has none of the known forms');
      if (asked.kind === 'control') return openControl(channel);
      return channels.serveLabel(channel, asked);
    },
  };
}
