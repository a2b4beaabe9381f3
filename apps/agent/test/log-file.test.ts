import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KEPT_LOGS } from '../src/base/constants.ts';
import { LogFile } from '../src/daemon/log-file.ts';
import { createLogger, serializeError } from '../src/daemon/logger.ts';
import { testHome } from './support/home.ts';

test('a log is moved aside at its cap, and only so many are kept', async () => {
  await using home = await testHome();
  const path = join(home.paths.stateDir, 'agent.log');
  using file = new LogFile(path, 100);
  for (let number = 0; number < 40; number += 1) file.write(`${number}`.padEnd(29).concat('\n'));
  const names = (await readdir(home.paths.stateDir)).sort();
  expect(names).toEqual([
    'agent.log',
    ...Array.from({ length: KEPT_LOGS }, (_, index) => `agent.log.${index + 1}`),
  ]);
  for (const name of names) {
    const { size, mode } = await stat(join(home.paths.stateDir, name));
    expect(size).toBeLessThanOrEqual(100);
    expect(mode & 0o777).toBe(0o600);
  }
  expect(await readFile(path, 'utf8')).toContain('39');
});

test('an error in the log quotes no text that was parsed', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  let error: unknown;
  try {
    JSON.parse('{"password": hunter2');
  } catch (thrown) {
    error = new Error('bad message', { cause: thrown });
  }
  logger.error({ err: error }, 'fault');
  expect(lines.join('')).toContain('bad message');
  expect(lines.join('')).not.toContain('hunter2');
  expect(serializeError('text')).toEqual({ type: 'string' });
});
