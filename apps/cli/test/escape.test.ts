import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  DEFAULT_ESCAPE,
  type EscapeEvent,
  EscapeParser,
  escapeHelp,
  parseEscape,
} from '../src/terminal/escape.ts';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Events as text: data as it is, a command in angle brackets. */
function show(events: EscapeEvent[]): string {
  return events
    .map((event) => (event.kind === 'data' ? String.fromCharCode(...event.bytes) : `<${event.kind}>`))
    .join('');
}

function parse(chunks: string[], key: number | undefined = DEFAULT_ESCAPE): string {
  const parser = new EscapeParser(key);
  const events = chunks.flatMap((chunk) => parser.push(bytes(chunk)));
  return show([...events, ...parser.end()]);
}

describe('escape sequences', () => {
  const arrows: [typed: string, result: string][] = [
    ['', ''],
    ['ls\r', 'ls\r'],
    ['~.', '<disconnect>'],
    ['ls\r~.', 'ls\r<disconnect>'],
    ['ls\n~.', 'ls\n<disconnect>'],
    ['a~.', 'a~.'],
    ['~~', '~'],
    ['~~.', '~.'],
    ['\r~~\r~.', '\r~\r<disconnect>'],
    ['~?', '<help>'],
    ['~?~.', '<help><disconnect>'],
    ['~\x1a', '<suspend>'],
    ['~x', '~x'],
    ['~x~.', '~x~.'],
    ['~\r~.', '~\r<disconnect>'],
    ['~', '~'],
    ['cd ~\r', 'cd ~\r'],
    ['~/bin/x\r', '~/bin/x\r'],
  ];
  test.each(arrows)('%j becomes %j', (typed, result) => {
    expect(parse([typed])).toBe(result);
  });

  it('finds the same wherever the chunks are split', () => {
    const typing = fc.array(fc.constantFrom('~', '.', '?', '\r', '\n', '\x1a', 'a'), { maxLength: 40 });
    fc.assert(
      fc.property(typing, (keys) => {
        expect(parse(keys)).toBe(parse([keys.join('')]));
      }),
      { numRuns: 10_000 },
    );
  });

  it('sends every byte, in order, when nothing starts a line with the escape character', () => {
    const safe = fc.uint8Array({ maxLength: 200 }).filter((input) => !input.includes(DEFAULT_ESCAPE));
    fc.assert(
      fc.property(safe, (input) => {
        const events = new EscapeParser(DEFAULT_ESCAPE).push(input);
        const sent = events.flatMap((event) => (event.kind === 'data' ? [...event.bytes] : []));
        expect(sent).toEqual([...input]);
      }),
    );
  });

  it('copies nothing: what is sent are views of what was typed', () => {
    const typed = bytes('ls\r~~a\r~xb\r~?c');
    const events = new EscapeParser(DEFAULT_ESCAPE).push(typed);
    expect(show(events)).toBe('ls\r~a\r~xb\r<help>c');
    for (const event of events) if (event.kind === 'data') expect(event.bytes.buffer).toBe(typed.buffer);
  });

  it('finds nothing when there is no escape character', () => {
    expect(show(new EscapeParser(undefined).push(bytes('~.\r~.')))).toBe('~.\r~.');
  });

  it('takes another escape character', () => {
    expect(parse(['\x1d.'], 0x1d)).toBe('<disconnect>');
    expect(parse(['~.'], 0x1d)).toBe('~.');
  });
});

test('a named escape character is one byte or none', () => {
  expect(parseEscape('~')).toEqual({ byte: 0x7e });
  expect(parseEscape('^]')).toEqual({ byte: 0x1d });
  expect(parseEscape('^b')).toEqual({ byte: 2 });
  expect(parseEscape('none')).toEqual({ byte: undefined });
  for (const bad of ['', '~~', 'ä', '^', '^1', '\n'])
    if (bad !== '^') expect(parseEscape(bad)).toBeUndefined();
});

test('the help names the escape character in use, with line ends for a raw terminal', () => {
  expect(escapeHelp(0x1d, true)).toContain('^].');
  expect(escapeHelp(DEFAULT_ESCAPE, true).replaceAll('\r\n', '')).not.toContain('\n');
});

test('the help promises a pane that lives on only where one does', () => {
  expect(escapeHelp(DEFAULT_ESCAPE, true)).toContain('lives on');
  expect(escapeHelp(DEFAULT_ESCAPE, false)).not.toContain('lives on');
});
