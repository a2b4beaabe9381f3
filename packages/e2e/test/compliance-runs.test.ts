import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const PACKAGES = fileURLToPath(new URL('../..', import.meta.url));
const IMPORT = /import\s*\{[^}]*\bsignalingCompliance\b[^}]*\}\s*from\s*['"]@ouro\/signaling\/compliance['"]/;
const CALL = /(?<![.\w])signalingCompliance\s*\(/;
const TURNED_OFF = /\b(?:describe|it|test)\.(?:skip|todo)\s*\(/;
const COMMENTS = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** The test files below a folder; none if it is not there. */
async function testFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries.filter((name) => name.endsWith('.test.ts')).map((name) => join(folder, name));
}

async function runsCompliance(file: string, mentions = ''): Promise<boolean> {
  const code = (await readFile(file, 'utf8')).replace(COMMENTS, '');
  return IMPORT.test(code) && CALL.test(code) && !TURNED_OFF.test(code) && code.includes(mentions);
}

/** The names of all transports below `packages`, and of those among them that no compliance run tests. */
async function surveyTransports(packages: string): Promise<{ transports: string[]; untested: string[] }> {
  const transports = (await readdir(packages)).filter((name) => name.startsWith('transport-')).sort();
  const shared = await testFiles(join(packages, 'e2e', 'test'));
  const untested: string[] = [];
  for (const name of transports) {
    const own = await testFiles(join(packages, name, 'test'));
    const runs = await Promise.all([
      ...own.map((file) => runsCompliance(file)),
      ...shared.map((file) => runsCompliance(file, `@ouro/${name}`)),
    ]);
    if (!runs.includes(true)) untested.push(name);
  }
  return { transports, untested };
}

/** A folder of packages with these files. */
async function packagesWith(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ouro-packages-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const RUN = `import { signalingCompliance } from '@ouro/signaling/compliance';\nsignalingCompliance({ setup });\n`;

test('every transport runs the compliance suite', async () => {
  const { transports, untested } = await surveyTransports(PACKAGES);
  expect(transports).not.toEqual([]);
  expect(untested, 'transports that no test shows to be in order').toEqual([]);
});

test('a run counts in the package of the transport, or in the tests that cross packages', async () => {
  const root = await packagesWith({
    'transport-a/test/deep/a.test.ts': RUN,
    'transport-b/package.json': '{}',
    'e2e/test/b.test.ts': `import { dialB } from '@ouro/transport-b';\n${RUN}`,
  });
  expect(await surveyTransports(root)).toEqual({ transports: ['transport-a', 'transport-b'], untested: [] });
});

test.each([
  ['none at all', {}],
  [
    'one of another transport',
    { 'e2e/test/b.test.ts': `import { dialB } from '@ouro/transport-b';\n${RUN}` },
  ],
  ['only the import', { 'transport-a/test/a.test.ts': RUN.split('\n')[0] ?? '' }],
  [
    'one in a comment',
    { 'transport-a/test/a.test.ts': RUN.replace('signalingCompliance(', '// signalingCompliance(') },
  ],
  ['one that is turned off', { 'transport-a/test/a.test.ts': `${RUN}describe.skip('x', () => {});\n` }],
  ['one that no test runner sees', { 'transport-a/test/a.ts': RUN }],
])('as no run counts %s', async (_what, files) => {
  const root = await packagesWith({ 'transport-a/package.json': '{}', ...files });
  expect((await surveyTransports(root)).untested).toEqual(['transport-a']);
});
