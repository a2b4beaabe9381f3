import { describe, expect, test } from 'vitest';
import { Lab, until } from './lab.ts';
import { Wire } from './wire.ts';

const size = { rows: 24, cols: 80 };

describe('channels with the older labels', () => {
  test('24x80,bash,-l runs on a pty and closes with it', async () => {
    await using lab = new Lab();
    const peer = lab.connect();
    const channel = peer.createDataChannel('24x80,bash,-l');
    const wire = new Wire(peer);
    wire.collect(channel);
    await until(() => lab.processes.length === 1);
    expect(lab.process.request).toEqual({ argv: ['bash', '-l'], size });
    await until(() => lab.process.started && channel.readyState === 'open');
    lab.process.print('$ ');
    channel.send('exit\r');
    await until(() => lab.process.inputText === 'exit\r');
    lab.process.exit();
    await until(() => channel.readyState === 'closed');
    expect(wire.bytes.get('24x80,bash,-l')).toBe('$ ');
  });

  test('echo,hi runs without one, and >1 comes back', async () => {
    await using lab = new Lab();
    const peer = lab.connect();
    const wire = new Wire(peer);
    wire.collect(peer.createDataChannel('24x80,sh'));
    await until(() => lab.processes[0]?.started === true);
    lab.process.print('screen');
    wire.collect(peer.createDataChannel('>1'));
    await until(() => wire.bytes.get('>1')?.includes('screen') === true);
    peer.createDataChannel('echo,hi');
    await until(() => lab.processes.length === 2);
    expect(lab.process.request).toEqual({ argv: ['echo', 'hi'] });
  });

  const refused = [
    '',
    ',',
    '>',
    '>x',
    '>99',
    '> 1',
    '24x80',
    '24x80,',
    '0x0,sh',
    '24x99999,sh',
    '1:2',
    '1:2:stderr',
    'a\0b',
    ',,,',
  ];
  test.each(refused)('%j is closed, and nothing runs', async (label) => {
    await using lab = new Lab();
    const channel = lab.connect().createDataChannel(label);
    await until(() => channel.readyState === 'closed');
    expect(lab.processes).toHaveLength(0);
  });

  test('a second control channel is closed', async () => {
    await using lab = new Lab();
    const peer = lab.connect();
    peer.createDataChannel('%');
    const second = peer.createDataChannel('%');
    await until(() => second.readyState === 'closed');
  });

  test('a command that cannot be started closes the channel', async () => {
    await using lab = new Lab();
    lab.spawnFails = new Error('no');
    const channel = lab.connect().createDataChannel('nope');
    await until(() => channel.readyState === 'closed');
    expect(lab.store.list()).toEqual([]);
  });
});
