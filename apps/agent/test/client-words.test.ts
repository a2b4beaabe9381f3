import { expect, test } from 'vitest';
import { readClients } from '../src/cli/client-words.ts';

const FP = 'AB'.repeat(32);
const OTHER = 'CD'.repeat(32);
const COLONS = Array(32).fill('ab').join(':');

test.each([
  [[FP], [[FP]]],
  [[FP, 'my', 'phone'], [[FP, 'my phone']]],
  [[`${FP} Linux_Chrome_terminal7`], [[FP, 'Linux_Chrome_terminal7']]],
  [[` ${FP}   my phone `, 'two'], [[FP, 'my phone two']]],
  [
    [FP, OTHER],
    [[FP], [OTHER]],
  ],
  [
    [FP, 'one', `${OTHER} two`],
    [
      [FP, 'one'],
      [OTHER, 'two'],
    ],
  ],
  [[COLONS, 'label'], [[FP, 'label']]],
  [[`sha-256 ${COLONS} label`], [[FP, 'label']]],
  [[], []],
])('%j', (words, expected) => {
  const clients = readClients(words);
  expect(clients.map(({ fingerprint, label }) => [fingerprint.compact, ...(label ? [label] : [])])).toEqual(
    expected,
  );
});

test.each([[['label', FP]], [['']], [[`x${FP}`]]])('%j names none', (words) => {
  expect(() => readClients(words)).toThrow(expect.objectContaining({ code: 'bad-fingerprint' }));
});
