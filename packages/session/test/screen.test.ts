import xterm, { type Terminal } from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCROLLBACK_LINES } from '../src/constants.ts';
import { Screen } from '../src/host/screen.ts';
import { SequenceBoundary } from '../src/host/sequence-boundary.ts';

const encoder = new TextEncoder();
const size = { rows: 10, cols: 30 };
const emulator = (): Terminal =>
  new xterm.Terminal({ ...size, scrollback: 100, allowProposedApi: true, logLevel: 'off' });
const feed = (terminal: Terminal, data: string | Uint8Array) =>
  new Promise<void>((resolve) => terminal.write(data, resolve));

/** All that a user could tell two terminals apart by: cells with their colours, cursor, modes. */
function state(terminal: Terminal): unknown {
  const { active } = terminal.buffer;
  const cells = [];
  for (let row = 0; row < terminal.rows; row += 1) {
    const line = active.getLine(active.baseY + row);
    for (let col = 0; col < terminal.cols; col += 1) {
      const cell = line?.getCell(col);
      if (!cell) continue;
      const style = [cell.isBold(), cell.isUnderline(), cell.isInverse(), cell.isItalic(), cell.isDim()];
      const colours = [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor()];
      // A blank that was never written and a space look the same, whatever their ink.
      const blank = ['', ' '].includes(cell.getChars()) && !style[1] && !style[2];
      cells.push(
        blank ? ` ${colours.slice(2)}` : [cell.getChars(), ...style.map(Number), ...colours].join(' '),
      );
    }
  }
  return { cells, type: active.type, cursor: [active.cursorX, active.cursorY], modes: terminal.modes };
}

async function expectRestored(output: string | Uint8Array, before = ''): Promise<Terminal> {
  using screen = new Screen(size);
  const bytes = typeof output === 'string' ? encoder.encode(output) : output;
  await screen.write(bytes);
  const direct = emulator();
  await feed(direct, bytes);
  const restored = emulator();
  await feed(restored, before);
  await feed(restored, screen.snapshot());
  await feed(restored, bytes.subarray(screen.resumeFrom));
  expect(state(restored)).toEqual(state(direct));
  return restored;
}

describe('a snapshot of the screen', () => {
  const cases: [string, string][] = [
    ['plain text', 'hello\r\nworld'],
    ['the shell prompt', '\x1b[01;32muser@host\x1b[00m:\x1b[01;34m~\x1b[00m$ '],
    ['256 and 24-bit colours', '\x1b[38;5;208morange\x1b[48;2;1;2;3m on dark\x1b[0m plain'],
    ['attributes', '\x1b[1mbold\x1b[22;4munder\x1b[24;7minverse\x1b[27;3mital\x1b[23;2mdim'],
    ['wide and combined characters', '漢字 e\u0301 👍 done'],
    ['a line that wraps', 'x'.repeat(75)],
    ['a line that just fills the row', 'y'.repeat(30)],
    ['a cursor in the middle', 'one\r\ntwo\r\nthree\x1b[2;2H'],
    [
      'the alternate screen',
      'shell$ vim\r\n\x1b[?1049h\x1b[2J\x1b[1;1H~\r\n~\x1b[10;1H-- INSERT --\x1b[1;5H',
    ],
    ['the alternate screen after coloured text', '\x1b[31mred\x1b[?1049h\x1b[Hplain?\x1b[0mplain'],
    ['application keys and bracketed paste', '\x1b[?1h\x1b=\x1b[?2004h'],
    ['mouse with its encoding and focus', '\x1b[?1002h\x1b[?1006h\x1b[?1004h'],
    ['a scroll region', '\x1b[3;6r\x1b[3;1Hinside\x1b[6;1Hlast'],
    ['origin mode', '\x1b[3;6r\x1b[?6h\x1b[2;4Hx'],
    ['insert mode and no wrap', '\x1b[4h\x1b[?7labc'],
    ['coloured background to the end of the line', '\x1b[44m\x1b[2J\x1b[Hblue\x1b[0m'],
    ['scrolled text', Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\r\n')],
  ];
  test.each(cases)('brings back %s', async (_name, output) => {
    await expectRestored(output);
  });

  const underlined = '\x1b]8;;http://a/\x1b\\';
  test.each([
    // Seed -122654053, path 295:3:1:10:12:15:19:27:40:41:41:42:2:35:1:20:22:4:12:20:23:15:15.
    ['its right half by a link', `漢\b${underlined}é\x1b[1;10H`],
    ['its right half, with more around it', `\x1b[31mab漢\b\x1b[4mé\x1b[0mcd`],
    ['its right half, with nothing after it', `漢\b\x1b[7mé\x1b[0m\b\x1b[K`],
    ['its left half', '漢\r\x1b[4mé'],
    ['its left half at the end of a row', '\x1b[1;29H漢\x1b[1;29H\x1b[44;9mé'],
    ['its left half at the end of a row that another flows into', `${'x'.repeat(30)}漢\r\x1b[4mé`],
    ['its left half where a row flows into the next', `${'x'.repeat(28)}漢yy\x1b[1;29H\x1b[7mé`],
  ])('brings back a wide character that was overwritten in %s', async (_name, output) => {
    await expectRestored(output);
  });

  test('fits a terminal that was in any other state', async () => {
    const messy =
      '\x1b[?1049h\x1b[?6h\x1b[2;4r\x1b[?25l\x1b[?1003h\x1b[?1006h\x1b[4h\x1b[?7l\x1b[31;44m\x1b(0junk';
    for (const [, output] of cases) await expectRestored(output, messy);
  });

  test('carries what no emulator reports: hidden cursor, its shape, mouse encoding, title', async () => {
    using screen = new Screen(size);
    await screen.write(encoder.encode('\x1b[?25l\x1b[4 q\x1b[?1006h\x1b]2;my\x07\x1b(0'));
    const snapshot = screen.snapshot();
    const tail = snapshot.slice(snapshot.lastIndexOf('\x1b[2J'));
    for (const part of ['\x1b[?25l', '\x1b[4 q', '\x1b[?1006h', '\x1b]2;my\x1b\\', '\x1b(0']) {
      expect(tail).toContain(part);
    }
    await screen.write(encoder.encode('\x1bc'));
    expect(screen.snapshot().split('\x1b[2J').at(-1)).not.toContain('\x1b[?25l');
  });

  test('carries scrollback up to its bound', async () => {
    using screen = new Screen(size);
    const lines = Array.from({ length: SCROLLBACK_LINES + 500 }, (_, n) => `line ${n}`);
    await screen.write(encoder.encode(lines.join('\r\n')));
    const snapshot = screen.snapshot();
    expect(snapshot).toContain(`line ${SCROLLBACK_LINES + 499}`);
    expect(snapshot).toContain('line 500\r\n');
    expect(snapshot).not.toContain('line 400\r\n');
  });

  test('a resize goes through', async () => {
    using screen = new Screen(size);
    await screen.write(encoder.encode('text'));
    screen.resize({ rows: 5, cols: 10 });
    expect(screen.snapshot()).toContain('text');
  });

  const token = fc.oneof(
    { weight: 4, arbitrary: fc.string({ maxLength: 8, unit: fc.constantFrom(...'abcXYZ 123') }) },
    fc.constantFrom('é', '漢', '\r\n', '\r', '\n', '\b', '\t'),
    fc.constantFrom('\x1b[?1049h', '\x1b[?1049l', '\x1b[?2004h', '\x1b[?1h', '\x1b[?1000h', '\x1b[?1000l'),
    fc.constantFrom('\x1b[K', '\x1b[J', '\x1b[2J', '\x1b[H', '\x1b[L', '\x1b[M', '\x1b[P', '\x1b[@'),
    fc.constantFrom('\x1b]0;title\x07', '\x1b]8;;http://a/\x1b\\', '\x1bP1$r\x1b\\', '\x1b7', '\x1b8'),
    fc.integer({ min: 30, max: 47 }).map((code) => `\x1b[${code}m`),
    fc
      .tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 30 }))
      .map(([r, c]) => `\x1b[${r};${c}H`),
  );

  test('may be taken between any two bytes: what follows goes on where it was cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 20 }), fc.nat(), async (tokens, seed) => {
        const bytes = encoder.encode(tokens.join(''));
        const cut = seed % (bytes.length + 1);
        using screen = new Screen(size);
        await screen.write(bytes.subarray(0, cut));
        const prefix = emulator();
        await feed(prefix, bytes.subarray(0, screen.resumeFrom));
        const late = emulator();
        await feed(late, screen.snapshot());
        // The snapshot is the state at the cut, and the rest does not begin inside a sequence.
        expect(state(late)).toEqual(state(prefix));
        for (const terminal of [late, prefix]) terminal.dispose();
      }),
      { numRuns: 300 },
    );
  });
});

describe('SequenceBoundary', () => {
  const cases: [string, number][] = [
    ['plain', 5],
    ['ab\x1b', 2],
    ['ab\x1b[', 2],
    ['ab\x1b[1;3', 2],
    ['ab\x1b[1;3m', 8],
    ['ab\x1b]0;title', 2],
    ['ab\x1b]0;title\x07c', 13],
    ['ab\x1b]0;title\x1b', 11],
    ['ab\x1b]0;title\x1b\\', 13],
    ['ab\x1bPq#0;2', 2],
    ['ab\x1b(', 2],
    ['ab\x1b(B', 5],
    ['ab\x1b[1\x18c', 7],
    ['ab\x1b[1\x1b[2', 5],
  ];
  test.each(cases)('%j ends at %i', (output, boundary) => {
    const whole = new SequenceBoundary();
    whole.feed(encoder.encode(output));
    expect(whole.boundary).toBe(boundary);
    const bytewise = new SequenceBoundary();
    for (const byte of encoder.encode(output)) bytewise.feed(new Uint8Array([byte]));
    expect(bytewise.boundary).toBe(boundary);
  });

  test('never cuts a character, however it comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.nat(), fc.nat(), (output, a, b) => {
        const bytes = encoder.encode(output.replaceAll('\x1b', ''));
        const [first, second] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y);
        const scanner = new SequenceBoundary();
        scanner.feed(bytes.subarray(0, first));
        scanner.feed(bytes.subarray(first, second));
        const cut = scanner.boundary;
        expect(cut).toBeLessThanOrEqual(second ?? 0);
        expect((second ?? 0) - cut).toBeLessThan(4);
        expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, cut))).not.toThrow();
      }),
      { numRuns: 10_000 },
    );
  });
});
