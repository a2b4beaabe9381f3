import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../src/programs/run.ts';
import { TemporaryHome } from '../src/programs/temporary-home.ts';
import { examplesOf } from '../src/published/examples.ts';
import { publishedPackages, ROOT } from '../src/published/packages.ts';
import { SourceProject } from '../src/published/source-project.ts';

/** A busy machine's time for a test. */
const TEST_MS = 60_000;

const libraries = publishedPackages().filter(({ isLibrary }) => isLibrary);
const examples = libraries.flatMap((one) => examplesOf(one));

describe('the examples of the READMEs', { timeout: TEST_MS }, () => {
  let project: SourceProject;
  beforeAll(async () => {
    project = await SourceProject.create(examples);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test.each(libraries)('$name has one', (one) => {
    expect(examplesOf(one)).not.toEqual([]);
  });

  test('fit the types', async () => {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const { stdout, code } = await run([tsc, '-p', project.path], { env: { PATH: process.env.PATH ?? '' } });
    expect(stdout.toString()).toBe('');
    expect(code).toBe(0);
  });

  test.each(examples.filter(({ isRun }) => isRun))('$name runs', async ({ file }) => {
    await using home = await TemporaryHome.create();
    const words = [process.execPath, '--conditions=ouro-source', join(project.path, file)];
    const { code, signal, stderr } = await run(words, { env: home.env });
    expect(stderr).toBe('');
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  });
});
