import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TerminalModes } from '../src/terminal/modes.ts';
import { RawTerminal } from '../src/terminal/terminal.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function resetAfter(...chunks: string[]): string {
  const modes = new TerminalModes();
  for (const chunk of chunks) modes.push(bytes(chunk));
  return modes.reset();
}

describe('terminal modes', () => {
  it('are left alone when nothing touched them', () => {
    expect(resetAfter('plain text\r\n')).toBe('');
  });

  it('are switched off when they were left on', () => {
    const reset = resetAfter('\x1b[?1049h\x1b[?2004h\x1b[?1000;1006h\x1b[?25l');
    for (const mode of [1049, 2004, 1000, 1006]) expect(reset).toContain(`\x1b[?${mode}l`);
    expect(reset).toContain('\x1b[?25h');
  });

  it('that were switched off already are not switched off again', () => {
    const reset = resetAfter('\x1b[?1049h', 'vim', '\x1b[?1049l\x1b[?25l\x1b[?25h');
    expect(reset).not.toContain('1049');
    expect(reset).not.toContain('?25h');
  });

  it('are found wherever the output is split', () => {
    const text = 'a\x1b[?1049hb\x1b[31mc\x1b[?1000;2004hd\x1b[?25le\x1b[?2004l';
    const whole = resetAfter(text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(resetAfter(...chunks)).toBe(whole);
      }),
    );
  });

  it('of any bytes never fail and hold no more than a cut sequence', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (chunks) => {
        const modes = new TerminalModes();
        for (const chunk of chunks) modes.push(chunk);
        modes.reset();
        expect(modes.reset()).toBe('');
      }),
      { numRuns: 10_000 },
    );
  });
});

class FakeHost extends EventEmitter {
  readonly pid = 1;
  readonly modes: boolean[] = [];
  readonly kills: string[] = [];
  readonly stdout: { rows?: number; columns?: number } = { rows: 30, columns: 100 };
  readonly stdin = {
    isTTY: true,
    setRawMode: (raw: boolean) => {
      this.modes.push(raw);
      return undefined as never;
    },
  };
  kill(_pid: number, signal: string): void {
    this.kills.push(signal);
  }
}

describe('the raw terminal', () => {
  it('is given back on dispose, once, and listens to nothing any more', () => {
    const host = new FakeHost();
    const drawn: string[] = [];
    const terminal = new RawTerminal(host, (text) => drawn.push(text));
    terminal.modes.push(bytes('\x1b[?1049h'));
    terminal[Symbol.dispose]();
    terminal[Symbol.dispose]();
    expect(host.modes).toEqual([true, false]);
    expect(drawn.join('')).toContain('\x1b[?1049l');
    expect(drawn).toHaveLength(1);
    expect(host.eventNames()).toEqual([]);
  });

  it('is given back when the process exits without dispose', () => {
    const host = new FakeHost();
    const terminal = new RawTerminal(host, () => undefined);
    host.emit('exit');
    expect(host.modes).toEqual([true, false]);
    terminal[Symbol.dispose]();
  });

  it('tells each new size, and again after it was stopped', () => {
    const host = new FakeHost();
    using terminal = new RawTerminal(host, () => undefined);
    const sizes: unknown[] = [];
    terminal.onResize((size) => sizes.push(size));
    host.stdout.rows = 40;
    host.emit('SIGWINCH');
    terminal.suspend();
    expect(host.kills).toEqual(['SIGTSTP']);
    expect(host.modes.at(-1)).toBe(false);
    host.emit('SIGCONT');
    expect(host.modes.at(-1)).toBe(true);
    expect(sizes).toEqual([
      { rows: 40, cols: 100 },
      { rows: 40, cols: 100 },
    ]);
  });

  it('has a usual size where none is told', () => {
    const host = new FakeHost();
    host.stdout.rows = 0;
    delete host.stdout.columns;
    using terminal = new RawTerminal(host, () => undefined);
    expect(terminal.size).toEqual({ rows: 24, cols: 80 });
  });
});
