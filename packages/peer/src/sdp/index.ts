export { OFFERED_MID } from './constants.ts';
export { formatDescription, type LocalDescription } from './format.ts';
export { parseDescription, type RemoteDescription, type Section, type Setup } from './parse.ts';
