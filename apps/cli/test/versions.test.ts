import { PROTOCOL } from '@ouro/session';
import { expect, test } from 'vitest';
import { tellMismatch } from '../src/session/versions.ts';

const told = async (protocol: number | undefined): Promise<string[]> => {
  const notices: string[] = [];
  const remote = protocol === undefined ? undefined : { version: '9.9.9', protocol, features: [] };
  await tellMismatch({ remote: Promise.resolve(remote) }, '1.0.0', { notice: (text) => notices.push(text) });
  return notices;
};

test('an agent that is newer or older in what matters is named in one line, with what to do', async () => {
  expect(await told(PROTOCOL + 1)).toEqual([
    'This client is too old for the agent on the host (client 1.0.0, agent 9.9.9): update ouro here',
  ]);
  expect(await told(PROTOCOL - 1)).toEqual([
    'The agent on the host is too old for this client (client 1.0.0, agent 9.9.9): update ouro-agent there',
  ]);
});

test('another version alone, or an agent of another make, is nothing to tell', async () => {
  expect(await told(PROTOCOL)).toEqual([]);
  expect(await told(undefined)).toEqual([]);
});
