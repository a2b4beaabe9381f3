import type { IBuffer, IBufferCell, IBufferLine } from '@xterm/headless';
import { PLAIN, toSgr } from './cell-style.ts';

/** A character of two columns. */
const WIDE = '漢';

/** One row as text. */
interface Row {
  readonly text: string;
  /** Columns it fills; what follows is blank in plain colours. */
  readonly width: number;
  /** The row above flows into it. */
  readonly wrapped: boolean;
  /** Its first character takes two columns. */
  readonly startsWide: boolean;
  /** Its text goes to columns by itself: no other row can flow into it, nor it into another. */
  readonly movesCursor: boolean;
}

/**
 * A buffer, with its scrollback, as text for a clear screen with the cursor at home: every cell with its
 * colours, blank coloured ones too; lines that wrapped wrap again; the cursor where it was.
 */
export function drawBuffer(buffer: IBuffer, cols: number): string {
  const rows: Row[] = [];
  for (let y = 0; y < buffer.length; y += 1) {
    const line = buffer.getLine(y);
    if (line) rows.push(drawRow(line, cols));
  }
  // Without scrollback nothing has to scroll, and blank rows at the end need not be there.
  if (buffer.baseY === 0) while (rows.at(-1)?.width === 0) rows.pop();
  const text = rows.map((row, y) => row.text + separator(row, rows[y + 1], cols)).join('');
  return text + drawCursor(buffer, cols);
}

function drawRow(line: IBufferLine, cols: number): Row {
  let text = '';
  let halves = '';
  let sgr = PLAIN;
  let width = 0;
  let blanks = '';
  // One cell object for the whole row: a screen with its scrollback has some hundred thousand.
  const spare = line.getCell(0);
  for (let x = 0; x < cols; x += 1) {
    const cell = line.getCell(x, spare);
    if (!cell || cell.getWidth() === 0) continue;
    const style = cell.isAttributeDefault() ? PLAIN : toSgr(cell);
    const chars = cell.getChars();
    if (chars === '' && style === PLAIN) {
      blanks += ' ';
      continue;
    }
    if (blanks !== '') {
      text += (sgr === PLAIN ? '' : PLAIN) + blanks;
      sgr = PLAIN;
      blanks = '';
    }
    width = x + cell.getWidth();
    if (chars === '' && cols > 1 && isInked(cell)) {
      halves += drawHalf(x, style, cols);
      text += toColumn(x + 1);
      continue;
    }
    text += (style === sgr ? '' : style) + (chars === '' ? ' ' : chars);
    sgr = style;
  }
  // The line feed that follows would fill a new row with the colour of the pen.
  if (sgr !== PLAIN) text += PLAIN;
  if (halves !== '') text = `${halves}\r${text}`;
  const startsWide = line.getCell(0)?.getWidth() === 2;
  return { text, width, wrapped: line.isWrapped, startsWide, movesCursor: halves !== '' };
}

/** Whether an emulator may draw the cell otherwise when it holds a space than when it holds nothing. */
function isInked(cell: IBufferCell): boolean {
  return [cell.isUnderline(), cell.isInverse(), cell.isStrikethrough(), cell.isOverline()].some(
    (flag) => flag !== 0,
  );
}

/**
 * A cell without a character but with ink. Erasing leaves a background only, so there is one way to it: it was
 * half of a wide character, and the pen that overwrote the other half gave it its style. It is made in the same
 * way, before the rest of its row is drawn, since that other half has to be cleared again (ECH, ECMA-48 8.3.38).
 */
function drawHalf(x: number, style: string, cols: number): string {
  const start = Math.min(x, cols - 2);
  const other = start === x ? x + 1 : start;
  return `${toColumn(start)}${style}${WIDE}${toColumn(other)} ${toColumn(other)}${PLAIN}\x1b[X`;
}

/** Moves the cursor within its row (CHA, ECMA-48 8.3.9), which counts columns from 1. */
const toColumn = (x: number) => `\x1b[${x + 1}G`;

/** What goes between two rows: nothing where the emulator wraps by itself. */
function separator(row: Row, next: Row | undefined, cols: number): string {
  if (!next) return '';
  if (row.movesCursor || next.movesCursor) return '\r\n';
  const full = row.width === cols || (row.width === cols - 1 && next.startsWide);
  return next.wrapped && next.width > 0 && full ? '' : '\r\n';
}

function drawCursor(buffer: IBuffer, cols: number): string {
  const { cursorX, cursorY, baseY } = buffer;
  if (cursorX < cols) return `\x1b[${cursorY + 1};${cursorX + 1}H`;
  // It waits behind the last column to wrap: only a character written there brings it back to that.
  const line = buffer.getLine(baseY + cursorY);
  const x = line?.getCell(cols - 1)?.getWidth() === 0 ? cols - 2 : cols - 1;
  const cell = line?.getCell(x);
  const last = cell ? toSgr(cell) + (cell.getChars() || ' ') : ' ';
  return `\x1b[${cursorY + 1};${x + 1}H${last}`;
}
