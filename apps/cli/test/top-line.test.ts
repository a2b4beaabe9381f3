import { expect, test } from 'vitest';
import { describeStatus, duration, pathStatus, RttSamples } from '../src/path/path-status.ts';
import { TerminalModes } from '../src/terminal/modes.ts';
import { TopLine } from '../src/terminal/top-line.ts';
import { parseTarget } from '../src/transports.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

function scene() {
  const modes = new TerminalModes();
  let drawn = '';
  let redraws = 0;
  const line = new TopLine(
    { size: { rows: 24, cols: 20 }, modes },
    (text) => {
      drawn += text;
    },
    () => {
      redraws += 1;
    },
  );
  return {
    modes,
    line,
    drawn: () => drawn,
    redraws: () => redraws,
  };
}

test('the line is cut to the width, dim, and leaves the cursor where it was', () => {
  const { line, drawn } = scene();
  line.show('ouro: path lost 3 s ago, looking');
  expect(drawn()).toBe('\x1bD\x1bM\x1b7\x1b[B\r\x1b[0m\x1b[2K\x1b[2mouro: path lost 3 s\x1b[0m\x1b8');
});

test('over a program that fills the screen it stands in the first row', () => {
  const { line, modes, drawn } = scene();
  modes.push(bytes('\x1b[?1049h'));
  line.show('x');
  expect(drawn()).toBe('\x1b7\x1b[1;1H\x1b[0m\x1b[2K\x1b[2mx\x1b[0m\x1b8');
});

test.for([
  ['a sequence', '\x1b[3'],
  ['an escape', 'abc\x1b'],
  ['a title', '\x1b]0;tit'],
  ['a character', '\xe4'],
] as const)('nothing is drawn into the middle of %s', ([, text]) => {
  const { line, modes, drawn } = scene();
  modes.push(text === '\xe4' ? bytes('ä').subarray(0, 1) : bytes(text));
  line.show('x');
  expect(drawn()).toBe('');
});

test.for([['text'], ['ä€😀'], ['\x1b[31mred'], ['\x1b]0;title\x07'], ['\x1b]0;title\x1b\\'], ['\x1b7']])(
  'after %j something else may be written',
  ([text = '']) => {
    const { modes } = scene();
    for (const byte of bytes(text)) modes.push(Uint8Array.of(byte));
    expect(modes.isSettled).toBe(true);
  },
);

test('the far program is asked to draw anew; it is not when there was no line', () => {
  const { line, redraws } = scene();
  line.clear();
  expect(redraws()).toBe(0);
  line.show('x');
  line.clear();
  expect(redraws()).toBe(1);
});

test('the status tells path, round trips and bytes', () => {
  const samples = new RttSamples();
  for (let i = 1; i <= 1000; i += 1) samples.add(i);
  expect(samples).toMatchObject({ count: 256, last: 1000, p95: 988 });
  const end = (port: number) => ({ type: 'host', protocol: 'udp', address: '192.0.2.1', port }) as const;
  const quality = {
    pair: { local: end(1), remote: end(2), rttMs: 1 },
    silentMs: 0,
    bytesSent: 10,
    bytesReceived: 20,
    retransmissions: 3,
  };
  const status = pathStatus(parseTarget('http://host:7777'), quality, samples, 3_725_000);
  expect(describeStatus(status)).toEqual([
    'host:7777, by whip, connected for 1 h 2 min',
    'path        udp host 192.0.2.1:1 -> host 192.0.2.1:2',
    'round trip  1000 ms now, p95 988 ms of 256 measured',
    'bytes       10 sent, 20 received',
    'sent again  3 packets',
  ]);
  expect([duration(59_999), duration(185_000)]).toEqual(['59 s', '3 min 5 s']);
});
