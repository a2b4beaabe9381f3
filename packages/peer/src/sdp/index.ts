export { OFFERED_MID } from './constants.ts';
export { formatDescription } from './format.ts';
export { parseDescription, type RemoteDescription, type Setup } from './parse.ts';
