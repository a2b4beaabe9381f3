import { expect, test } from 'vitest';
import { ErrorOutput } from '../src/report/error-output.ts';
import { Progress, type Timers } from '../src/report/progress.ts';
import { TerminalModes } from '../src/terminal/modes.ts';
import { TopLine } from '../src/terminal/top-line.ts';

/** What is drawn instead of the standard error output. */
class Drawn extends ErrorOutput {
  text = '';

  override draw(text: string): void {
    this.text += text;
  }
}

/** A progress line that is shown at once, and nothing later. */
function shownProgress(output: ErrorOutput, what: string): Progress {
  const due: (() => void)[] = [];
  const timers: Timers = {
    setTimeout: (callback) => {
      due.push(callback);
      return setTimeout(() => undefined, 0);
    },
    clearTimeout,
  };
  const progress = new Progress(
    (text) => output.draw(text),
    () => what,
    timers,
  );
  due[0]?.();
  return progress;
}

const topLineOf = (output: ErrorOutput): TopLine =>
  new TopLine(
    { size: { rows: 24, cols: 80 }, modes: new TerminalModes() },
    (text) => output.draw(text),
    () => output.draw('<redraw>'),
  );

test('lines end as the mode of the terminal wants it', () => {
  const output = new Drawn();
  {
    using _raw = output.rawMode();
    output.print('a\nb');
  }
  output.print('c');
  expect(output.text).toBe('a\r\nb\r\nc\n');
});

test('a line takes the progress away before it, and the end of progress leaves none', () => {
  const output = new Drawn();
  {
    using _progress = output.showProgress(shownProgress(output, 'ICE'));
    output.print('a');
  }
  output.print('b');
  expect(output.text).toBe('\r\x1b[KICE … 1 s\r\x1b[Ka\nb\n');
});

test('the end of one progress leaves a later one', () => {
  const output = new Drawn();
  const earlier = output.showProgress(shownProgress(output, 'ICE'));
  using _later = output.showProgress(shownProgress(output, 'DTLS'));
  earlier[Symbol.dispose]();
  output.text = '';
  output.print('a');
  expect(output.text).toBe('\r\x1b[Ka\n');
});

test('a notice stays where a far program has the terminal, until a line is written or the program ends', () => {
  const output = new Drawn();
  expect(output.showNotice('lost')).toBe(false);
  expect(output.clearNotice()).toBe(false);
  expect(output.text).toBe('');
  const notices = output.noticesOn(topLineOf(output));
  expect(output.showNotice('lost')).toBe(true);
  output.print('a');
  expect(output.text).toMatch(/lost.*<redraw>a\n$/s);
  output.showNotice('lost again');
  notices[Symbol.dispose]();
  notices[Symbol.dispose]();
  expect(output.text).toMatch(/lost again[^<]*<redraw>$/);
  expect(output.showNotice('lost')).toBe(false);
});
