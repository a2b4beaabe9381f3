import { MAX_LABEL_CHARS } from './constants.ts';
import { FingerprintError } from './errors.ts';
import { Fingerprint } from './fingerprint.ts';

/** One peer that may connect. */
export interface AuthorizedEntry {
  readonly fingerprint: Fingerprint;
  /** The text after the first space. */
  readonly label?: string;
  /** Where it stands in the file, from 1. */
  readonly line: number;
}

/** A line that is neither a fingerprint, a comment nor blank; it lets nobody in. */
export interface BadLine {
  /** From 1. */
  readonly line: number;
  /** What is wrong; never the line's own text. */
  readonly reason: string;
}

/** What an `authorized_fingerprints` file says. */
export interface AuthorizedLines {
  readonly entries: readonly AuthorizedEntry[];
  readonly badLines: readonly BadLine[];
}

/** Reads the text of an `authorized_fingerprints` file. Never throws: a line it does not understand lets nobody in. */
export function parseAuthorizedLines(text: string): AuthorizedLines {
  const entries: AuthorizedEntry[] = [];
  const badLines: BadLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const entry = parseLine(content);
    if (entry === undefined)
      badLines.push({ line: index + 1, reason: 'it does not start with a SHA-256 fingerprint' });
    else entries.push({ ...entry, line: index + 1 });
  }
  return { entries, badLines };
}

/** The text with one more entry at its end; every other byte stays. @throws FingerprintError `bad-label` */
export function withEntry(text: string, fingerprint: Fingerprint, label?: string): string {
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  const suffix = label === undefined || label === '' ? '' : ` ${checkedLabel(label)}`;
  return `${text}${separator}${fingerprint.compact}${suffix}\n`;
}

/** The text without the lines of this fingerprint; comments and all else stay. */
export function withoutEntry(text: string, fingerprint: Fingerprint): string {
  return text
    .split('\n')
    .filter((line) => !parseLine(line.trim())?.fingerprint.equals(fingerprint))
    .join('\n');
}

function parseLine(content: string): Omit<AuthorizedEntry, 'line'> | undefined {
  const [, first = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(content) ?? [];
  try {
    const fingerprint = Fingerprint.parse(first);
    return rest === '' ? { fingerprint } : { fingerprint, label: rest };
  } catch {
    return undefined;
  }
}

function checkedLabel(label: string): string {
  // A line end would start another entry; control characters would act on the terminal that lists them.
  if (label.length > MAX_LABEL_CHARS || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(label)) {
    throw new FingerprintError(
      'bad-label',
      `A label must be one line of at most ${MAX_LABEL_CHARS} printable characters; choose another one`,
    );
  }
  return label.trim();
}
