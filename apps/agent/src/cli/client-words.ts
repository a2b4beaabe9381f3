import { Fingerprint, FingerprintError } from '@ouro/fingerprint';

/** One client to be let in. */
export interface NamedClient {
  readonly fingerprint: Fingerprint;
  readonly label?: string;
}

/** A fingerprint at the start of a text, with what is before it by name in the form of SDP, and the text behind it. */
const START = /^\s*((?:sha-256\s+)?\S+)(?:\s+(.*?))?\s*$/is;

const startOf = (word: string): { fingerprint: Fingerprint; rest: string | undefined } | undefined => {
  const [, first = '', rest] = START.exec(word) ?? [];
  try {
    return { fingerprint: Fingerprint.parse(first), rest };
  } catch (thrown) {
    if (thrown instanceof FingerprintError) return undefined;
    throw thrown;
  }
};

/**
 * The clients that the arguments of `client add` name. Each argument that begins with a fingerprint is one; what else it
 * holds, and the arguments up to the next one, are its label: `FP label`, `"FP label"` and `FP1 FP2 …` (the latter two are
 * webexec's) may be mixed.
 *
 * @throws FingerprintError `bad-fingerprint` when the first one does not begin with a fingerprint
 */
export function readClients(words: readonly string[]): NamedClient[] {
  const clients: { fingerprint: Fingerprint; label: string[] }[] = [];
  for (const word of words) {
    const start = startOf(word);
    if (start !== undefined) {
      clients.push({ fingerprint: start.fingerprint, label: start.rest === undefined ? [] : [start.rest] });
    } else {
      const last = clients.at(-1) ?? { fingerprint: Fingerprint.parse(word), label: [] };
      last.label.push(word);
    }
  }
  return clients.map(({ fingerprint, label }) => ({
    fingerprint,
    ...(label.length === 0 ? {} : { label: label.join(' ') }),
  }));
}
