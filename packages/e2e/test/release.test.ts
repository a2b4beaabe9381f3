import { relative } from 'node:path';
import { expect, it } from 'vitest';
import { publishedPackages, ROOT } from '../src/published/packages.ts';
import { ReleaseCopy } from '../src/published/release-copy.ts';

/** A busy machine's time for a test. */
const TEST_MS = 60_000;

const packages = publishedPackages();

it(
  'a release gives every package that was changed a version and a changelog, and publishes all of them',
  async () => {
    await using copy = await ReleaseCopy.create();
    const all = packages.map(({ name }) => `'${name}': patch`).join('\n');
    await copy.write('.changeset/everything.md', `---\n${all}\n---\n\nEverything is different now.\n`);
    await copy.commit();

    await copy.run('pnpm', 'changeset', 'version');
    for (const { name, folder } of packages) {
      const changelog = await copy.read(`${relative(ROOT, folder)}/CHANGELOG.md`);
      expect(changelog, name).toContain('Everything is different now.');
    }
    await expect(copy.read('.changeset/everything.md')).rejects.toMatchObject({ code: 'ENOENT' });

    // By force, so that no registry is asked what it has already.
    const published: unknown = JSON.parse(
      await copy.run('pnpm', 'publish', '--recursive', '--dry-run', '--no-git-checks', '--force', '--json'),
    );
    const expected = await Promise.all(
      packages.map(async ({ name, folder }) => {
        const before: unknown = JSON.parse(
          await copy.run('git', 'show', `HEAD:${relative(ROOT, folder)}/package.json`),
        );
        const after: unknown = JSON.parse(await copy.read(`${relative(ROOT, folder)}/package.json`));
        expect(versionOf(after), name).not.toBe(versionOf(before));
        return expect.objectContaining({ name, version: versionOf(after) });
      }),
    );
    expect(published).toHaveLength(expected.length);
    expect(published).toEqual(expect.arrayContaining(expected));
  },
  TEST_MS,
);

function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version);
  throw new Error('A package.json without a version');
}
