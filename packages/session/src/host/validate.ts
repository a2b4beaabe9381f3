import {
  MAX_ARGV,
  MAX_ARGV_LENGTH,
  MAX_COLS,
  MAX_ENV,
  MAX_ENV_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_ROWS,
} from '../constants.ts';
import { SessionError } from '../errors.ts';
import type { TerminalSize } from '../types.ts';

const bad = (text: string) => new SessionError('bad-message', text);

/** A size a terminal can have. @throws SessionError `bad-message` */
export function toSize(rows: number, cols: number): TerminalSize {
  const fits = (value: number, max: number) => Number.isInteger(value) && value >= 1 && value <= max;
  if (fits(rows, MAX_ROWS) && fits(cols, MAX_COLS)) return { rows, cols };
  throw bad(`A terminal has 1 to ${MAX_ROWS} rows and 1 to ${MAX_COLS} columns`);
}

/** A pane id or marker, which may have come as a decimal string. */
export function toId(id: number | string): number {
  return Number(id);
}

/** The words to run; a string is split at its spaces; `['*']` is the login shell. @throws SessionError `bad-message` */
export function toArgv(command: string | readonly string[]): readonly string[] {
  const words = typeof command === 'string' ? command.split(/\s+/).filter((word) => word !== '') : command;
  if (words[0] === '*') return ['*'];
  if (!words[0]) throw bad('The command is empty');
  if (words.length > MAX_ARGV || words.reduce((sum, word) => sum + word.length, 0) > MAX_ARGV_LENGTH) {
    throw bad('The command is too long');
  }
  if (words.some((word) => word.includes('\0'))) throw bad('The command holds a zero byte');
  return words;
}

/** Environment variables. @throws SessionError `bad-message` */
export function toEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(env);
  const bytes = new TextEncoder().encode(entries.flat().join('')).length;
  if (entries.length > MAX_ENV || bytes > MAX_ENV_BYTES) {
    throw bad(`An environment has at most ${MAX_ENV} variables and ${MAX_ENV_BYTES} bytes`);
  }
  for (const [name, value] of entries) {
    if (name === '' || /[=\0]/.test(name) || value.includes('\0')) {
      throw bad('The environment holds a bad name or value');
    }
  }
  return Object.fromEntries(entries);
}

/** A payload as JSON text. @throws SessionError `oversize`, `bad-message` */
export function toPayload(payload: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch {
    throw bad('The payload cannot be written as JSON');
  }
  if (text === undefined) throw bad('The payload is missing');
  if (new TextEncoder().encode(text).length <= MAX_PAYLOAD_BYTES) return text;
  throw new SessionError('oversize', `The payload is over ${MAX_PAYLOAD_BYTES} bytes`);
}
