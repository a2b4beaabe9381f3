import type { IceState } from '@ouro/ice';
import type { ConnectionState } from '@ouro/webrtc-types';

/** How the DTLS transport stands (W3C `RTCDtlsTransportState`). */
export type DtlsState = 'new' | 'connecting' | 'connected' | 'closed' | 'failed';

/** W3C `RTCPeerConnectionState` of one ICE and one DTLS transport (webrtc-pc section 4.3.3). */
export function connectionStateOf(ice: IceState, dtls: DtlsState, closed: boolean): ConnectionState {
  if (closed) return 'closed';
  if (ice === 'failed' || dtls === 'failed') return 'failed';
  if (ice === 'disconnected') return 'disconnected';
  if (ice === 'new') return 'new';
  return dtls === 'connected' ? 'connected' : 'connecting';
}
