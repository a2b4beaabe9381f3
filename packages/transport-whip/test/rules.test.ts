import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

/** The rules of WHIP's server and client, of a data-channel profile, of fragments and of trickle, by their numbers. */
const RULES = [
  ...numbered('S', 1, 14),
  ...numbered('S', 20, 30),
  ...numbered('C', 1, 9),
  ...numbered('D', 1, 6),
  ...numbered('F', 1, 8),
  ...numbered('T', 1, 7),
];

function numbered(letter: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `${letter}${from + at}`);
}

async function testTitles(): Promise<string> {
  const names = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.ts'));
  const sources = await Promise.all(names.map((name) => readFile(`${import.meta.dirname}/${name}`, 'utf8')));
  const title = /\b(?:test|\]\))\(\s*(['"`])(.*?)\1/gs;
  const rows = /\[\s*'([SCDFT]\d+ [^']*)'/g;
  return sources
    .flatMap((source) => [...source.matchAll(title), ...source.matchAll(rows)].map((match) => match[0]))
    .join('\n');
}

test('every rule has a test named after it, or stands in the README with the reason why not', async () => {
  const titles = await testTitles();
  const readme = await readFile(`${import.meta.dirname}/../README.md`, 'utf8');
  const table = readme
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .join('\n')
    .replace(/P1-P5/, '');
  const has = (text: string, rule: string) => new RegExp(`\\b${rule}\\b`).test(text);
  expect(RULES.filter((rule) => !has(titles, rule) && !has(table, rule))).toEqual([]);
});
