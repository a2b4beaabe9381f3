import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { AgentAndClient } from '../src/programs/agent.ts';
import { ENGINES } from '../src/programs/engines.ts';
import { run } from '../src/programs/run.ts';
import { TemporaryHome } from '../src/programs/temporary-home.ts';
import { environment } from '../src/published/environment.ts';
import { examplesOf } from '../src/published/examples.ts';
import { publishedPackages } from '../src/published/packages.ts';
import { PackedProject } from '../src/published/packed-project.ts';

/** A busy machine's time for a test. */
const TEST_MS = 60_000;

const packages = publishedPackages();
const libraries = packages.filter(({ isLibrary }) => isLibrary);
const examples = packages.flatMap((one) => examplesOf(one)).filter(({ isRun }) => isRun);
const bin = (name: string) => join(import.meta.dirname, '../node_modules/.bin', name);

describe('the packages as they are published', { timeout: TEST_MS }, () => {
  let project: PackedProject;
  beforeAll(async () => {
    project = await PackedProject.create(packages);
  }, 3 * TEST_MS);
  afterAll(() => project[Symbol.asyncDispose]());

  const tarball = (name: string) => project.tarballs.get(name) ?? '';
  const check = (...words: string[]) => run(words, { env: { ...environment(), NO_COLOR: '1' } });

  it.concurrent.each(packages)(
    '$name has a licence and a README, and neither sources nor tests',
    async ({ name }) => {
      const files = (await check('tar', '-tzf', tarball(name))).stdout.toString().split('\n');
      expect(files).toEqual(
        expect.arrayContaining(['package/LICENSE', 'package/README.md', 'package/package.json']),
      );
      expect(files.filter((file) => /^package\/(src|test)\//.test(file))).toEqual([]);
    },
  );

  it.concurrent.each(packages)('publint has nothing to say of $name', async ({ name }) => {
    const { stdout, code } = await check(bin('publint'), '--strict', tarball(name));
    expect(stdout.toString()).toContain('All good!');
    expect(code).toBe(0);
  });

  it.concurrent.each(libraries)('the types of $name are there for every entry', async ({ name }) => {
    // Nothing here is CommonJS, and nothing is resolved as Node 10 did.
    const words = [bin('attw'), tarball(name), '--profile', 'esm-only', '--format', 'ascii'];
    const { stdout, stderr, code } = await check(...words);
    expect({ code, said: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, said: '' });
  });

  describe('in an empty project', () => {
    beforeAll(async () => {
      expect(await project.compile(examples)).toBe('');
    }, TEST_MS);

    describe.each(ENGINES)('on $name', ({ node, missing }) => {
      test.for(examples)('the example of $name runs', async ({ file }, { skip }) => {
        if (missing !== undefined) skip(missing);
        await using home = await TemporaryHome.create();
        const words = [node, join(project.path, 'out', file.replace(/\.ts$/, '.js'))];
        const { code, signal, stderr } = await run(words, { env: home.env });
        expect(stderr).toBe('');
        expect({ code, signal }).toEqual({ code: 0, signal: null });
      });

      test('the programs connect', async ({ skip }) => {
        if (missing !== undefined) skip(missing);
        const programs = { ouro: [node, program('ouro')], agent: [node, program('ouro-agent')] };
        await using lab = await AgentAndClient.create({ programs });
        const { code, stdout, stderr } = await lab.run(['--', 'sh', '-c', 'cat; exit 7'], 'through both');
        expect({ code, stdout: stdout.toString(), stderr }).toEqual({
          code: 7,
          stdout: 'through both',
          stderr: '',
        });
      });
    });

    function program(name: string): string {
      const owner = packages.find(({ programs }) => name in programs);
      return join(project.path, 'node_modules', owner?.name ?? '', owner?.programs[name] ?? '');
    }
  });
});
