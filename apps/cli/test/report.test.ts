import { describe, expect, it } from 'vitest';
import { JsonReporter } from '../src/report/json.ts';
import { Progress, type Timers } from '../src/report/progress.ts';
import { describePair } from '../src/report/reporter.ts';
import { TextReporter } from '../src/report/text.ts';
import { type PhaseRecord, Timeline } from '../src/report/timeline.ts';

const pair = {
  local: { type: 'host', protocol: 'udp', address: '::1', port: 1 },
  remote: { type: 'srflx', protocol: 'udp', address: '1.2.3.4', port: 2 },
  rttMs: undefined,
} as const;

describe('the timeline', () => {
  it('ends each phase where the next begins', () => {
    let now = 0;
    const seen: PhaseRecord[] = [];
    const timeline = new Timeline(
      () => now,
      (record) => seen.push(record),
    );
    now = 10;
    timeline.enter('gathering');
    timeline.enter('gathering');
    now = 15;
    timeline.enter('ice');
    now = 18;
    timeline.end();
    timeline.end();
    expect(seen).toEqual([
      { phase: 'start', ms: 10, at: 10 },
      { phase: 'gathering', ms: 5, at: 15 },
      { phase: 'ice', ms: 3, at: 18 },
    ]);
    expect(timeline.records).toEqual(seen);
    expect(timeline.current).toBeUndefined();
  });
});

describe('reports', () => {
  it('to a person hold notices and errors, and all else only if asked', () => {
    const quiet: string[] = [];
    const reporter = new TextReporter((line) => quiet.push(line), { verbose: false, quiet: false });
    reporter.phase({ phase: 'ice', ms: 1, at: 2 });
    reporter.connected(pair);
    reporter.firstByte([]);
    reporter.exit({ code: 0, signal: null });
    expect(quiet).toEqual([]);
    reporter.notice('look');
    reporter.error({ text: 'bad' });
    expect(quiet).toEqual(['ouro: look', 'ouro: bad']);
  });

  it('to a person name the phases and the path', () => {
    const lines: string[] = [];
    const reporter = new TextReporter((line) => lines.push(line), { verbose: true, quiet: true });
    reporter.phase({ phase: 'first-byte', ms: 1.26, at: 2 });
    reporter.connected(pair);
    reporter.notice('look');
    reporter.exit({ code: null, signal: 'SIGKILL' });
    expect(lines.join('\n')).toMatch(/first byte\s+1\.3 ms/);
    expect(lines.join('\n')).toContain('udp host [::1]:1 -> srflx 1.2.3.4:2');
    expect(lines.join('\n')).toContain('SIGKILL');
    expect(lines.join('\n')).not.toContain('look');
  });

  it('to a program are JSON lines', () => {
    const lines: string[] = [];
    const reporter = new JsonReporter((line) => lines.push(line));
    reporter.phase({ phase: 'ice', ms: 1.23456, at: 2 });
    reporter.connected(pair);
    reporter.firstByte([{ phase: 'ice', ms: 1, at: 9 }]);
    reporter.notice('a\nb');
    reporter.error({ code: 'lost', exit: 69, text: 'x' });
    reporter.exit({ code: 3, signal: null });
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { event: 'phase', phase: 'ice', ms: 1.235, at: 2 },
      { event: 'connected', pair: { remote: { port: 2 } } },
      { event: 'first-byte', at: 9 },
      { event: 'notice', text: 'a\nb' },
      { event: 'error', code: 'lost', exit: 69 },
      { event: 'exit', code: 3, signal: null },
    ]);
  });

  it('name a path that is not known', () => {
    expect(describePair(undefined)).toContain('does not name');
  });
});

/** Timers under the test's control: the newest waiting callback. */
function heldTimers() {
  const waiting = new Map<NodeJS.Timeout, () => void>();
  const timers: Timers = {
    setTimeout: (callback) => {
      const timer = setTimeout(() => undefined, 0);
      waiting.set(timer, callback);
      return timer;
    },
    clearTimeout: (timer) => waiting.delete(timer),
  };
  const fire = () => {
    for (const [timer, callback] of [...waiting]) {
      waiting.delete(timer);
      callback();
    }
  };
  return { timers, fire, waiting };
}

describe('progress', () => {
  it('appears only when the wait is long, and leaves nothing behind', () => {
    const { timers, fire, waiting } = heldTimers();
    const drawn: string[] = [];
    const progress = new Progress(
      (text) => drawn.push(text),
      () => 'ICE',
      timers,
    );
    expect(drawn).toEqual([]);
    fire();
    fire();
    expect(drawn.at(-1)).toContain('ICE … 2 s');
    progress.clear();
    progress.clear();
    expect(drawn).toHaveLength(3);
    fire();
    progress[Symbol.dispose]();
    expect(drawn.at(-1)).toBe('\r\x1b[K');
    expect(waiting.size).toBe(0);
  });

  it('never appears when the wait was short', () => {
    const { timers, waiting } = heldTimers();
    const drawn: string[] = [];
    new Progress(
      (text) => drawn.push(text),
      () => 'ICE',
      timers,
    )[Symbol.dispose]();
    expect(drawn).toEqual([]);
    expect(waiting.size).toBe(0);
  });
});
