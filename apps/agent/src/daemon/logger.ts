import type { Logger } from '@ouro/session';
import { pino } from 'pino';

/** The agent's own logger, which also has words for its end. */
export interface AgentLogger extends Logger {
  fatal(fields: object, text: string): void;
}

const MAX_CAUSES = 4;

/** The message of a SyntaxError may quote the text it is about, which may be a secret. */
const messageOf = (error: Error): string => (error instanceof SyntaxError ? '(syntax error)' : error.message);

/** Where the error was thrown. */
const framesOf = (error: Error): string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .map((line) => line.trim());

const codeOf = (error: Error): { code?: string } =>
  'code' in error && typeof error.code === 'string' ? { code: error.code } : {};

/** A fault for the log, of unknown origin: its message could quote whatever was at hand, so that it is left out. */
export const serializeFault = (thrown: unknown): object =>
  thrown instanceof Error
    ? { name: thrown.name, ...codeOf(thrown), stack: framesOf(thrown) }
    : { type: typeof thrown };

/** An error for the log: names, codes and places, and causes the same way. */
export function serializeError(thrown: unknown, depth = 0): object {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  return {
    name: thrown.name,
    ...codeOf(thrown),
    message: messageOf(thrown),
    stack: framesOf(thrown),
    ...(thrown.cause === undefined || depth >= MAX_CAUSES
      ? {}
      : { cause: serializeError(thrown.cause, depth + 1) }),
  };
}

/** The agent's logger: one JSON object a line. */
export const createLogger = (level: string, destination: { write(line: string): void }): AgentLogger =>
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
