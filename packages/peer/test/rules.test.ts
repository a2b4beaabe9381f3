import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

/** The rules of ICE over TCP and of identity by fingerprint, by their numbers. */
const RULES = [...numbered('K', 9), ...numbered('P', 6)];

function numbered(letter: string, to: number): string[] {
  return Array.from({ length: to }, (_, at) => `${letter}${at + 1}`);
}

test('every rule has a test named after it', async () => {
  const names = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.ts'));
  const sources = await Promise.all(names.map((name) => readFile(`${import.meta.dirname}/${name}`, 'utf8')));
  const titles = sources.flatMap((source) =>
    [...source.matchAll(/\b(?:test|\]\))\(\s*(['"`])(.*?)\1/gs)].map(([, , title]) => title),
  );
  const named = (rule: string): boolean =>
    titles.some((title) => new RegExp(`\\b${rule}\\b`).test(title ?? ''));
  expect(RULES.filter((rule) => !named(rule))).toEqual([]);
});
