import { checkRequest } from '@ouro/control';
import { describe, expect, test } from 'vitest';
import { COMMANDS, type CommandType, PeerInfoSchema, SIGNAL_NAMES } from '../src/commands.ts';

const check = (type: string, args: unknown) => checkRequest(COMMANDS, { id: 0, type, args }).args;

describe('the arguments older peers send', () => {
  const taken: [CommandType, string][] = [
    ['add_pane', '{"command":["bash","-l"],"rows":24,"cols":80,"parent":0}'],
    ['add_pane', '{"command":["*"],"rows":24,"cols":80}'],
    ['add_pane', '{"command":"zsh","rows":24,"cols":80,"parent":null}'],
    ['reconnect_pane', '{"id":7}'],
    ['reconnect_pane', '{"id":"7"}'],
    ['resize', '{"pane_id":1,"sx":80,"sy":24}'],
    ['mark', 'null'],
    ['mark', '{}'],
    ['restore', '{"marker":12}'],
    ['restore', '{"marker":-1}'],
    ['restore', '{"marker":null}'],
    ['get_payload', 'null'],
    ['set_payload', '{"payload":{"windows":[]}}'],
    ['set_payload', '{"Payload":{"windows":[]}}'],
    ['set_payload', '{"payload":null}'],
    ['get_clipboard', '{}'],
    ['set_clipboard', '{"data":"text","mimetype":"text/plain"}'],
    ['set_clipboard', '{"data":"text"}'],
  ];
  test.each(taken)('%s %s', (type, text) => {
    const args: unknown = JSON.parse(text);
    expect(check(type, args)).toEqual(args);
  });
});

describe('the arguments of commands that both ends must know', () => {
  const taken: [CommandType, string][] = [
    ['hello', '{"version":"1.0.0","protocol":1,"features":["exit"]}'],
    ['exit', '{"pane_id":1,"code":3,"signal":null,"bytes":{"stdout":0,"stderr":10}}'],
    ['exit', '{"pane_id":1,"code":null,"signal":"SIGKILL","bytes":{"stdout":0,"stderr":0}}'],
    ['marked', '{"channels":{"3:1":10,"3:1:stderr":0}}'],
    ['bye', '{"reason":"stopped"}'],
    ['eof', '{"pane_id":1,"bytes":0}'],
    ...SIGNAL_NAMES.map((name): [CommandType, string] => ['signal', `{"pane_id":1,"name":"${name}"}`]),
    ['add_pane', '{"command":["env"],"env":{"LANG":"C"}}'],
  ];
  test.each(taken)('%s %s', (type, text) => {
    const args: unknown = JSON.parse(text);
    expect(check(type, args)).toEqual(args);
  });
});

describe('bad arguments', () => {
  const refused: [CommandType, string][] = [
    ['add_pane', 'null'],
    ['add_pane', '[]'],
    ['add_pane', '{}'],
    ['add_pane', '{"command":null}'],
    ['add_pane', '{"command":[1]}'],
    ['add_pane', '{"command":["x"],"rows":"24"}'],
    ['add_pane', '{"command":["x"],"rows":1e400}'],
    ['add_pane', '{"command":["x"],"env":{"A":1}}'],
    ['reconnect_pane', '{"id":-1}'],
    ['reconnect_pane', '{"id":"1e3"}'],
    ['reconnect_pane', '{"id":{}}'],
    ['resize', '{"pane_id":1,"sx":80}'],
    ['resize', '{"pane_id":1,"sx":80.5,"sy":24}'],
    ['restore', '{"marker":{}}'],
    ['set_payload', '{}'],
    ['set_payload', 'null'],
    ['set_clipboard', '{"data":1}'],
    ['hello', '{"version":1,"protocol":1,"features":[]}'],
    ['exit', '{"pane_id":1,"code":0,"signal":null,"bytes":{"stdout":-1,"stderr":0}}'],
    ['marked', '{"channels":{"3:1":-1}}'],
    ['marked', '{"channels":[[]]}'],
    ['eof', '{"pane_id":1}'],
    ['signal', '{"pane_id":1,"name":"SEGV"}'],
  ];
  test.each(refused)('%s %s', (type, text) => {
    expect(() => check(type, JSON.parse(text))).toThrow(
      expect.objectContaining({ name: 'ControlError', code: 'bad-message' }),
    );
  });

  test('the text says where, and nothing of the value', () => {
    const secret = { data: ['hunter2'] };
    expect(() => check('set_clipboard', secret)).toThrow(/set_clipboard.*data/);
    expect(() => check('set_clipboard', secret)).not.toThrow(/hunter2/);
  });
});

test('the schema of a peer says what it holds', () => {
  expect(PeerInfoSchema.required).toEqual(['version', 'protocol', 'features']);
});
