import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Identity } from '@ouro/fingerprint';
import { dialWhip } from '@ouro/transport-whip/client';
import { expect, test } from 'vitest';
import { connectBy, textOf } from './support/agent.ts';
import { testProgram } from './support/program.ts';

const { signal } = new AbortController();

/** Fails on SIGUSR2 in a place where nobody catches it. */
const FAULTS = {
  uncaughtException: 'throw',
  unhandledRejection: 'void Promise.reject',
};

test.each(['uncaughtException', 'unhandledRejection'] as const)(
  'an agent that meets an %s ends in order',
  { timeout: 30_000 },
  async (kind) => {
    await using program = await testProgram();
    const error = `(Object.assign(new Error('secret-words'), { code: 'E_TEST' }))`;
    const preload = join(program.home, 'preload.mjs');
    await writeFile(preload, `process.on('SIGUSR2', function faulty() { ${FAULTS[kind]}${error}; });`);
    program.env.NODE_OPTIONS = `--import=${preload}`;
    const friend = await Identity.generate();
    await program.run('client', 'add', friend.fingerprint.compact);
    const agent = program.start('start', '--foreground');
    let said = '';
    agent.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    const [line] = await once(agent.stdout ?? agent, 'data');
    const url = `${line}`.replace('listening on ', '').trim();
    await using client = await connectBy(await dialWhip({ url }, { signal }), friend, { signal });
    const pane = await client.session.addPane({ command: ['cat'] }, { signal });
    pane.exited.catch(() => {});
    const output = textOf(pane.stdout).catch((thrown: unknown) => thrown);
    agent.kill('SIGUSR2');
    expect(await once(agent, 'exit')).toEqual([70, null]);
    expect(said).toBe('ouro-agent: The agent met a fault of its own and has ended; its log has more\n');
    expect(await output).toMatchObject({ code: 'stopped' });
    for (const path of [program.paths.socket, program.paths.pidFile])
      await expect(stat(path)).rejects.toThrow('ENOENT');
    const log = await readFile(program.paths.log, 'utf8');
    const fatal = log.split('\n').find((entry) => entry.includes('"fatal"'));
    const stack = expect.arrayContaining([expect.stringContaining('faulty')]);
    expect(JSON.parse(fatal ?? '{}')).toMatchObject({ fault: { name: 'Error', code: 'E_TEST', stack } });
    expect(log).not.toContain('secret-words');
    expect(log.trim().split('\n').at(-1)).toContain('stopped');
  },
);
