import type { Random } from '@ouro/base';
import type { TransportAddress } from '@ouro/base/node';
import {
  encodeStun,
  encodeXorAddress,
  hasIntegrity,
  STUN_ATTRIBUTE,
  STUN_CLASS,
  STUN_METHOD,
  type StunMessage,
  uint32Attribute,
} from '@ouro/stun';
import { PWD_CHARS, ROLE_CONFLICT, UFRAG_CHARS } from './constants.ts';

/** What both ends know of one end (RFC 8445 section 5.3). */
export interface IceCredentials {
  readonly ufrag: string;
  readonly pwd: string;
}

/** Random ones. */
export function newCredentials(random: Random): IceCredentials {
  return { ufrag: randomIceChars(random, UFRAG_CHARS), pwd: randomIceChars(random, PWD_CHARS) };
}

/** A connectivity check that was proven to be made by who knows our password. */
export interface Check {
  readonly priority: number;
  readonly useCandidate: boolean;
  /** The tie-breaker, under the role that the far end thinks it has. */
  readonly controlling: bigint | undefined;
  readonly controlled: bigint | undefined;
}

export interface CheckParameters {
  readonly local: IceCredentials;
  readonly remote: IceCredentials;
  readonly controlling: boolean;
  readonly tieBreaker: bigint;
  readonly useCandidate: boolean;
  /** The priority that a peer-reflexive candidate found by this check would have (RFC 8445 section 7.1.1). */
  readonly priority: number;
}

const BINDING_REQUEST = STUN_METHOD.binding | STUN_CLASS.request;
const BINDING_SUCCESS = STUN_METHOD.binding | STUN_CLASS.success;
const BINDING_ERROR = STUN_METHOD.binding | STUN_CLASS.error;

export const isRequest = ({ type }: StunMessage): boolean => type === BINDING_REQUEST;
export const isSuccess = ({ type }: StunMessage): boolean => type === BINDING_SUCCESS;
export const isAnswer = ({ type }: StunMessage): boolean =>
  type === BINDING_SUCCESS || type === BINDING_ERROR;

/** A Binding request to a STUN server. */
export function encodeServerRequest(transactionId: string): Buffer {
  return encodeStun(BINDING_REQUEST, transactionId, []);
}

/** A connectivity check (RFC 8445 section 7.2.2). */
export function encodeCheck(transactionId: string, check: CheckParameters): Buffer {
  const { local, remote, controlling, tieBreaker, useCandidate, priority } = check;
  const role = controlling ? STUN_ATTRIBUTE.iceControlling : STUN_ATTRIBUTE.iceControlled;
  const value = Buffer.alloc(8);
  value.writeBigUInt64BE(tieBreaker, 0);
  const attributes = [
    { type: STUN_ATTRIBUTE.username, value: Buffer.from(`${remote.ufrag}:${local.ufrag}`) },
    uint32Attribute(STUN_ATTRIBUTE.priority, priority),
    { type: role, value },
    ...(useCandidate ? [{ type: STUN_ATTRIBUTE.useCandidate, value: Buffer.alloc(0) }] : []),
  ];
  return encodeStun(BINDING_REQUEST, transactionId, attributes, remote.pwd);
}

/** Whether a request was made with our password. */
export function isProven(request: StunMessage, { pwd }: IceCredentials): boolean {
  return request.fingerprinted && hasIntegrity(request, pwd);
}

/**
 * The check that a proven request is, if it is for our ufrag, and by the far end's ufrag where that is known (RFC 8445
 * section 7.3). @returns undefined else: such a request must cause nothing
 */
export function checkIn(
  request: StunMessage,
  local: IceCredentials,
  remote: IceCredentials | undefined,
): Check | undefined {
  const { attributes } = request;
  const username = attributes.get(STUN_ATTRIBUTE.username)?.toString('utf8') ?? '';
  const ours = remote
    ? username === `${local.ufrag}:${remote.ufrag}`
    : username.startsWith(`${local.ufrag}:`);
  const priority = attributes.get(STUN_ATTRIBUTE.priority);
  if (!ours || priority?.length !== 4) return undefined;
  return {
    priority: priority.readUInt32BE(0),
    useCandidate: attributes.has(STUN_ATTRIBUTE.useCandidate),
    controlling: tieBreakerIn(request, STUN_ATTRIBUTE.iceControlling),
    controlled: tieBreakerIn(request, STUN_ATTRIBUTE.iceControlled),
  };
}

/**
 * Who has to change its role for a check (RFC 8445 section 7.3.1.1), if both ends claim the same: the larger tie-breaker
 * controls, and the one that is in the right says so. @returns undefined if nobody has to
 */
export function wrongRole(
  check: Check,
  controlling: boolean,
  tieBreaker: bigint,
): 'ours' | 'theirs' | undefined {
  const theirs = controlling ? check.controlling : check.controlled;
  if (theirs === undefined) return undefined;
  return tieBreaker >= theirs === controlling ? 'theirs' : 'ours';
}

/** What a check is answered with: the address that it came from. */
export function encodeCheckAnswer(
  transactionId: string,
  from: TransportAddress,
  { pwd }: IceCredentials,
): Buffer {
  const value = encodeXorAddress(from, transactionId);
  return encodeStun(BINDING_SUCCESS, transactionId, [{ type: STUN_ATTRIBUTE.xorMappedAddress, value }], pwd);
}

/** What a check is answered with when both ends think that they have the same role (RFC 8445 section 7.3.1.1). */
export function encodeRoleConflict(transactionId: string, { pwd }: IceCredentials): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt8(Math.floor(ROLE_CONFLICT / 100), 2);
  value.writeUInt8(ROLE_CONFLICT % 100, 3);
  return encodeStun(BINDING_ERROR, transactionId, [{ type: STUN_ATTRIBUTE.errorCode, value }], pwd);
}

export function isRoleConflict({ attributes }: StunMessage): boolean {
  const value = attributes.get(STUN_ATTRIBUTE.errorCode);
  return (
    value !== undefined && value.length >= 4 && 100 * (value[2] ?? 0) + (value[3] ?? 0) === ROLE_CONFLICT
  );
}

function tieBreakerIn({ attributes }: StunMessage, type: number): bigint | undefined {
  const value = attributes.get(type);
  return value?.length === 8 ? value.readBigUInt64BE(0) : undefined;
}

/** Random characters of RFC 8839's ice-char; each is 6 bits. */
function randomIceChars(random: Random, count: number): string {
  return Buffer.from(random(Math.ceil((count * 6) / 8)))
    .toString('base64')
    .slice(0, count);
}
