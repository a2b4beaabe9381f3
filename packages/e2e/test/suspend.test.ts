import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  describeLab,
  giveKey,
  hostTaking,
  Lab,
  makeLoginKey,
  Pty,
  putAgent,
  putClient,
} from '../src/lab/index.ts';
import { AgentAndClient } from '../src/programs/agent.ts';
import { PtyProgram } from '../src/programs/pty.ts';

const TEST_MS = 60_000;
/** Time for a stopped client to find out, in ms: its own timers wait some 10 s for a far end that is silent. */
const FIND_OUT_MS = 20_000;

/** A far shell on a terminal that ouro has to itself: no local shell takes it while ouro is stopped. */
const connected = async (lab: AgentAndClient): Promise<PtyProgram> => {
  const ouro = new PtyProgram(lab.ouro('--', 'env', 'PS1=far> ', '/bin/sh'), lab.client.env);
  await ouro.until(/far> $/);
  await ouro.ask('here=$((6*7)); echo "here is $here"', /here is 42/);
  return ouro;
};

describe('a client that was stopped', { timeout: TEST_MS }, () => {
  describe('for longer than the agent asks for it', () => {
    let lab: AgentAndClient;
    beforeAll(async () => {
      lab = await AgentAndClient.create({ config: '[timeouts]\ndisconnect = 500\n' });
    }, 60_000);
    afterAll(() => lab[Symbol.asyncDispose]());

    it('goes on when it is continued', async () => {
      await using ouro = await connected(lab);
      process.kill(ouro.pty.pid, 'SIGSTOP');
      await expect.poll(() => lab.peerStates(), { timeout: FIND_OUT_MS }).toEqual(['failed']);
      process.kill(ouro.pty.pid, 'SIGCONT');
      await ouro.ask('echo "still $here"', /still 42/);
      ouro.type('exit 5\r');
      expect(await ouro.exited).toMatchObject({ exitCode: 5 });
    });
  });

  describe('for longer than the agent keeps its connection', () => {
    let lab: AgentAndClient;
    beforeAll(async () => {
      lab = await AgentAndClient.create({ config: '[timeouts]\ndisconnect = 500\nfailed = 500\n' });
    }, 60_000);
    afterAll(() => lab[Symbol.asyncDispose]());

    it('ends with the one command that brings the session back', async () => {
      await using ouro = await connected(lab);
      process.kill(ouro.pty.pid, 'SIGSTOP');
      await expect.poll(() => lab.peerCount(), { timeout: FIND_OUT_MS }).toBe(0);
      process.kill(ouro.pty.pid, 'SIGCONT');
      const [, pane = ''] = await ouro.until(/come back with: ouro --attach (\d+) \S+/, {
        timeoutMs: FIND_OUT_MS,
      });
      expect(ouro.text).toContain('while this client was stopped or away');
      await using again = new PtyProgram(lab.ouro('--attach', pane), lab.client.env);
      await again.until(/here is 42/);
      await again.ask('echo "still $here"', /still 42/);
    });
  });
});

describeLab('a client that was stopped, and came by SSH', [], () => {
  it(
    'ends with the one command that brings the session back',
    async () => {
      const key = await makeLoginKey();
      await using lab = await Lab.create({
        hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
        links: [{ between: ['laptop', 'box'] }],
      });
      const [laptop, box] = [lab.host('laptop'), lab.host('box')];
      await giveKey(lab, laptop, 'me', key, 'box');
      await putClient(laptop);
      await putAgent(box, { home: 'ada' });
      await box.writeHome('ada', '.config/ouro/agent.toml', '[timeouts]\ndisconnect = 500\n');
      const stoppable = ['sh', '-c', 'echo $$ >~/pid; exec ouro ada@box'];
      await using ouro = Pty.start(laptop, stoppable, { user: 'me' });
      await ouro.shows(/ada@box:~\$ $/);
      ouro.write('here=$((6*7)); echo "here is $here"\r');
      await ouro.shows(/here is 42/);
      await laptop.must('kill -STOP $(cat ~/pid)', { user: 'me' });
      const status = () => box.must('~/.local/bin/ouro-agent status --json', { user: 'ada' });
      await expect.poll(status, { timeout: FIND_OUT_MS }).toMatch(/"peers": ?\[\]/);
      await laptop.must('kill -CONT $(cat ~/pid)', { user: 'me' });
      const [, command = ''] = await ouro.shows(/come back with: (ouro --attach \d+ ada@box)/, FIND_OUT_MS);
      await using again = Pty.start(laptop, ['sh', '-c', command], { user: 'me' });
      await again.shows(/here is 42/);
      again.write('echo "still $here"\r');
      await again.shows(/still 42/);
    },
    TEST_MS,
  );
});
