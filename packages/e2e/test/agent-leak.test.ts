import { readdir, readFile, readlink } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentAndClient } from '../src/programs/agent.ts';
import { connectWeb, identityOf } from '../src/programs/web-client.ts';

const CONNECTS = 1000;
const WARM_UP = 30;
const AT_ONCE = 5;
const SLOW = 280_000;

/** What a process holds of the system, by kind. */
async function holdings(pid: number): Promise<Record<string, number>> {
  const kinds: Record<string, number> = {};
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => 'gone');
    const kind = target.replace(/:?\[.*\]$/, '');
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  kinds.children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').length - 1;
  return kinds;
}

describe('an agent after many visitors', () => {
  let lab: AgentAndClient;
  const { signal } = new AbortController();
  beforeAll(async () => {
    lab = await AgentAndClient.create({ config: '[limits]\npeers_per_fingerprint = 64\n' });
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose]());

  it(
    `holds what it held before, ${CONNECTS} connects and disconnects later`,
    async () => {
      const identity = await identityOf(lab.client);
      const pid = lab.process.child.pid ?? 0;
      /** Every third runs a command, every fifth goes without a word on its session. */
      const visit = async (number: number): Promise<void> => {
        const client = await connectWeb({ url: lab.url, identity, signal });
        if (number % 3 === 0) {
          const pane = await client.session.addPane(
            { command: ['true'], size: { rows: 24, cols: 80 } },
            { signal },
          );
          await pane.exited;
        }
        if (number % 5 === 0) await client.peer[Symbol.asyncDispose]();
        else await client[Symbol.asyncDispose]();
      };
      const visits = async (count: number): Promise<void> => {
        const numbers = Array.from({ length: count }, (_, number) => number).values();
        const line = async () => {
          for (const number of numbers) await visit(number);
        };
        await Promise.all(Array.from({ length: AT_ONCE }, line));
        await expect
          .poll(() => lab.status(), { timeout: 60_000, interval: 200 })
          .toMatchObject({ peers: [], panes: [] });
      };
      await visits(WARM_UP);
      const before = await holdings(pid);
      await visits(CONNECTS);
      await expect.poll(() => holdings(pid), { timeout: 60_000, interval: 200 }).toEqual(before);
    },
    SLOW,
  );
});
