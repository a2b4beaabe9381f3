import type { ChannelPeer } from './data-channel.ts';

/** W3C `RTCSessionDescriptionInit`: `sdp` ends every line with CRLF. */
export interface DescriptionInit {
  type: 'offer' | 'answer' | 'pranswer' | 'rollback';
  sdp?: string;
}

/** W3C `RTCIceServer`: a STUN or TURN server. `credential` is a password: never log one. */
export interface IceServer {
  /** RFC 7064 or RFC 7065 URIs: `stun:host`, `turns:host:443?transport=tcp`. */
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** W3C `RTCSessionDescription`. */
export interface Description {
  readonly type: 'offer' | 'answer' | 'pranswer' | 'rollback';
  readonly sdp: string;
}

/** W3C `RTCIceCandidateInit`. An empty `candidate` means end-of-candidates (RFC 8838 section 14). */
export interface CandidateInit {
  candidate?: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}

/** The part of W3C `RTCIceCandidate` that is signalled. */
export interface CandidateLike {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
}

/** W3C `RTCPeerConnectionIceEvent`: a null candidate says that gathering has ended. */
export interface CandidateEvent {
  readonly candidate: CandidateLike | null;
}

/** W3C `RTCStatsReport`, as far as every implementation agrees on it. */
export interface StatsReport {
  forEach(callback: (value: unknown, id: string) => void): void;
}

/** W3C `RTCPeerConnectionState`. */
export type ConnectionState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
/** W3C `RTCIceConnectionState`. */
export type IceConnectionState =
  | 'new'
  | 'checking'
  | 'connected'
  | 'completed'
  | 'disconnected'
  | 'failed'
  | 'closed';
/** W3C `RTCIceGatheringState`. */
export type IceGatheringState = 'new' | 'gathering' | 'complete';
/** W3C `RTCSignalingState`. */
export type SignalingState =
  | 'stable'
  | 'have-local-offer'
  | 'have-remote-offer'
  | 'have-local-pranswer'
  | 'have-remote-pranswer'
  | 'closed';

/** Events without a payload that anyone needs. */
export type PeerEventType =
  | 'connectionstatechange'
  | 'iceconnectionstatechange'
  | 'icegatheringstatechange'
  | 'signalingstatechange';

type Listener<Event> = (event: Event) => void;
interface ListenerOptions {
  once?: boolean;
  signal?: AbortSignal;
}

/**
 * The part of W3C `RTCPeerConnection` that Ouro uses. A browser's own fits it, and so does `Peer`. Methods
 * reject with the `DOMException` names of the W3C text (`InvalidStateError`, `OperationError`, …).
 */
export interface PeerConnectionLike extends ChannelPeer {
  readonly connectionState: ConnectionState;
  readonly iceConnectionState: IceConnectionState;
  readonly iceGatheringState: IceGatheringState;
  readonly signalingState: SignalingState;
  readonly localDescription: Description | null;
  readonly remoteDescription: Description | null;
  createOffer(options?: { iceRestart?: boolean }): Promise<DescriptionInit>;
  createAnswer(): Promise<DescriptionInit>;
  setLocalDescription(description?: DescriptionInit): Promise<void>;
  setRemoteDescription(description: DescriptionInit): Promise<void>;
  addIceCandidate(candidate?: CandidateInit | null): Promise<void>;
  restartIce(): void;
  getStats(): Promise<StatsReport>;
  close(): void;
  addEventListener(type: 'icecandidate', listener: Listener<CandidateEvent>, options?: ListenerOptions): void;
  addEventListener(type: PeerEventType, listener: Listener<unknown>, options?: ListenerOptions): void;
  addEventListener(
    type: 'datachannel',
    listener: Parameters<ChannelPeer['addEventListener']>[1],
    options?: ListenerOptions,
  ): void;
  removeEventListener(type: 'icecandidate', listener: Listener<CandidateEvent>): void;
  removeEventListener(type: PeerEventType, listener: Listener<unknown>): void;
  removeEventListener(type: 'datachannel', listener: Parameters<ChannelPeer['removeEventListener']>[1]): void;
}
