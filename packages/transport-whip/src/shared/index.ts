export * from './candidate.ts';
export * from './constants.ts';
export * from './entity-tag.ts';
export * from './ice-description.ts';
export * from './ice-server.ts';
export * from './link.ts';
export { mediaType } from './media-type.ts';
export { type DescriptionInfo, readDescription, withIce } from './sdp.ts';
export * from './sdp-fragment.ts';
