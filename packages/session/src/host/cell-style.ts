import type { IBufferCell } from '@xterm/headless';

/** What styles a cell, or the pen that writes the next one. */
export type Style = Pick<
  IBufferCell,
  | 'isBold'
  | 'isDim'
  | 'isItalic'
  | 'isUnderline'
  | 'isBlink'
  | 'isInverse'
  | 'isInvisible'
  | 'isStrikethrough'
  | 'isOverline'
  | 'getFgColor'
  | 'getBgColor'
  | 'isFgRGB'
  | 'isBgRGB'
  | 'isFgPalette'
  | 'isBgPalette'
>;

/** The style no SGR was said for. */
export const PLAIN = '\x1b[0m';

/** The sequence that sets this style, whatever was set before (SGR, ECMA-48 8.3.117). */
export function toSgr(style: Style): string {
  const codes = [
    [style.isBold(), 1],
    [style.isDim(), 2],
    [style.isItalic(), 3],
    [style.isUnderline(), 4],
    [style.isBlink(), 5],
    [style.isInverse(), 7],
    [style.isInvisible(), 8],
    [style.isStrikethrough(), 9],
    [style.isOverline(), 53],
  ].flatMap(([on, code]) => (on ? [code] : []));
  if (style.isFgRGB()) codes.push(38, 2, ...toRgb(style.getFgColor()));
  else if (style.isFgPalette()) codes.push(...fromPalette(style.getFgColor(), 30));
  if (style.isBgRGB()) codes.push(48, 2, ...toRgb(style.getBgColor()));
  else if (style.isBgPalette()) codes.push(...fromPalette(style.getBgColor(), 40));
  return codes.length === 0 ? PLAIN : `\x1b[0;${codes.join(';')}m`;
}

const toRgb = (color: number) => [(color >> 16) & 255, (color >> 8) & 255, color & 255];

/** `base` 30 is the foreground, 40 the background. */
function fromPalette(color: number, base: number): number[] {
  if (color < 8) return [base + color];
  return color < 16 ? [base + 60 + color - 8] : [base + 8, 5, color];
}

const METHODS: readonly (keyof Style)[] = [
  'isBold',
  'isDim',
  'isItalic',
  'isUnderline',
  'isBlink',
  'isInverse',
  'isInvisible',
  'isStrikethrough',
  'isOverline',
  'getFgColor',
  'getBgColor',
  'isFgRGB',
  'isBgRGB',
  'isFgPalette',
  'isBgPalette',
];

/**
 * The pen of an emulator. Its public interface has no way to it; where this one goes does not lead there, the
 * snapshot is right and only the next character may have other colours.
 */
export function penOf(terminal: object): string {
  let at: unknown = terminal;
  for (const key of ['_core', '_inputHandler', '_curAttrData']) {
    if (typeof at !== 'object' || at === null) return PLAIN;
    at = Reflect.get(at, key);
  }
  return isStyle(at) ? toSgr(at) : PLAIN;
}

function isStyle(value: unknown): value is Style {
  if (typeof value !== 'object' || value === null) return false;
  return METHODS.every((name) => typeof Reflect.get(value, name) === 'function');
}
