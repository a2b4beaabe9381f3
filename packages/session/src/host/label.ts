import type { TerminalSize } from '../types.ts';
import { toArgv, toSize } from './validate.ts';

/** What a client asks for with the label of a channel. */
export type LabelRequest =
  | { kind: 'control' }
  | { kind: 'run'; argv: readonly string[]; size: TerminalSize | undefined }
  | { kind: 'reconnect'; id: number };

/**
 * Reads the label of a channel: `%`, or one of the older forms `24x80,bash,-l` (rows x columns, then the words),
 * `echo,hi` (without a pty) and `>123` (reconnect). Undefined = none of them. Never throws.
 */
export function parseLabel(label: string): LabelRequest | undefined {
  if (label === '%') return { kind: 'control' };
  if (label.startsWith('>')) {
    const id = /^>([0-9]{1,15})$/.exec(label)?.[1];
    return id === undefined ? undefined : { kind: 'reconnect', id: Number(id) };
  }
  // The form of the channels that the agent opens itself.
  if (/^[0-9]+:[0-9]+/.test(label)) return undefined;
  const [first = '', ...rest] = label.split(',');
  const dimensions = /^([0-9]{1,6})x([0-9]{1,6})$/.exec(first);
  try {
    if (!dimensions) return { kind: 'run', argv: toArgv([first, ...rest]), size: undefined };
    const size = toSize(Number(dimensions[1]), Number(dimensions[2]));
    return { kind: 'run', argv: toArgv(rest), size };
  } catch {
    return undefined;
  }
}
