import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** A package of this house that is published. */
export interface PublishedPackage {
  readonly name: string;
  readonly folder: string;
  /** It is imported; otherwise it is a program. */
  readonly isLibrary: boolean;
  /** Its programs: their files in the package, by their names. */
  readonly programs: Readonly<Record<string, string>>;
}

/** All of them, by what the workspace says. */
export function publishedPackages(): PublishedPackage[] {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(ROOT, parent))
      .map((name) => join(ROOT, parent, name))
      .filter((folder) => existsSync(join(folder, 'package.json')))
      .flatMap((folder) => readPackage(folder)),
  );
}

function readPackage(folder: string): PublishedPackage[] {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('name' in manifest)) return [];
  if ('private' in manifest && manifest.private === true) return [];
  const programs = 'bin' in manifest ? stringsOf(manifest.bin) : {};
  return [{ name: String(manifest.name), folder, isLibrary: 'exports' in manifest, programs }];
}

function stringsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)]));
}
