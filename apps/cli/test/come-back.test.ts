import { expect, it } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';
import { comeBack } from '../src/session/come-back.ts';

it.each([
  ['http://127.0.0.1:7777', 'http://127.0.0.1:7777'],
  ['--token-file /a/b http://box.example/', '--token-file /a/b http://box.example/'],
  ['-q ada@box -- vi', 'ada@box'],
  ['-p 2222 --login ada -i key -J jump -F conf box', '-F conf -p 2222 --login ada -J jump -i key box'],
  ['-o Port=2222 --ssh-program ssh box', '--ssh-program ssh -o Port=2222 box'],
  ['http://[::1]:7777', "'http://[::1]:7777'"],
])('after "ouro %s" one comes back by the same way', (typed, again) => {
  const invocation = parseCommandLine(typed.split(' '), '1.0.0');
  if (invocation.action !== 'connect') throw new Error('It is a connection');
  const command = comeBack(invocation, 3);
  expect(command).toBe(`ouro --attach 3 ${again}`);
  const words = command.replaceAll("'", '').split(' ').slice(1);
  expect(parseCommandLine(words, '1.0.0')).toMatchObject({ attach: 3, ssh: { args: invocation.ssh.args } });
});
