import type { Logger } from '@ouro/session';
import { pino } from 'pino';

const MAX_CAUSES = 4;

/** The message of a SyntaxError may quote the text it is about, which may be a secret. */
const messageOf = (error: Error): string => (error instanceof SyntaxError ? '(syntax error)' : error.message);

/** An error for the log: names, codes and places, and causes the same way. */
export function serializeError(thrown: unknown, depth = 0): object {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const frames = (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    name: thrown.name,
    ...('code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code } : {}),
    message: messageOf(thrown),
    stack: frames.map((line) => line.trim()),
    ...(thrown.cause === undefined || depth >= MAX_CAUSES
      ? {}
      : { cause: serializeError(thrown.cause, depth + 1) }),
  };
}

/** The agent's logger: one JSON object a line. */
export const createLogger = (level: string, destination: { write(line: string): void }): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (thrown: unknown) => serializeError(thrown) },
    },
    destination,
  );
