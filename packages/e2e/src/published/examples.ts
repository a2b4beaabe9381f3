import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublishedPackage } from './packages.ts';

/** A block of TypeScript in a README. */
export interface Example {
  /** Package and line of the README, for the name of a test and of its file. */
  readonly name: string;
  readonly file: string;
  /** As written, after what the README gives it in a comment that nobody sees. */
  readonly code: string;
  /** It is whole: it can be run as it stands. Else it is marked `ts no-run`. */
  readonly isRun: boolean;
}

const BLOCK = /(?:<!-- given\n(?<given>[\s\S]*?)-->\s*)?^```ts(?<mark>[^\n]*)\n(?<code>[\s\S]*?)^```$/gm;

/** The blocks of a package's README. @throws Error for a mark that is not known */
export function examplesOf({ name, folder }: PublishedPackage): Example[] {
  const path = join(folder, 'README.md');
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(BLOCK)].map(({ index, groups: { given = '', mark = '', code = '' } = {} }) => {
    const line = text.slice(0, index).split('\n').length;
    if (mark !== '' && mark !== ' no-run')
      throw new Error(`${path}:${line}: "ts${mark}" is not a mark; "ts no-run" is`);
    return {
      name: `${name}, line ${line}`,
      file: `${name.replace(/^@/, '').replace('/', '-')}-${line}.ts`,
      code: `${given}${code}\nexport {};\n`,
      isRun: mark === '',
    };
  });
}
