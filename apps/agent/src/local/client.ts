import { connect, type Socket } from 'node:net';
import { Deadline, unlessAborted } from '@ouro/base';
import { systemCode } from '@ouro/base/node';
import { ERROR_EDGES, SignalingError, type SignalingErrorCode } from '@ouro/signaling';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { LOCAL_REPLY_TIMEOUT_MS, MAX_LOCAL_LINE_BYTES } from '../base/constants.ts';
import { AgentError, isAgentErrorCode, reasonOf } from '../base/errors.ts';
import { LineReader } from './line-reader.ts';
import { decodeLine, encodeLine, ReplySchema, type Request } from './protocol.ts';

interface RequestOptions {
  readonly signal: AbortSignal;
  /** Longest wait for the reply, in ms. */
  readonly timeoutMs?: number;
}

const notRunning = (cause?: unknown): AgentError =>
  new AgentError('not-running', 'No agent runs; start it with: ouro-agent start', { cause });

const hung = (ms: number): AgentError =>
  new AgentError(
    'timeout',
    `The agent runs but has not answered for ${ms / 1000} s: it is stopped or hangs. Look at its log, or end it with: ouro-agent stop`,
  );

/** A connection to the agent's unix socket. @throws AgentError `not-running`, `permission`; the signal's reason */
export async function connectLocal(path: string, { signal }: { signal: AbortSignal }): Promise<Socket> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(path);
  socket.once('connect', () => resolve(socket));
  socket.once('error', (error) => {
    const gone = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(systemCode(error) ?? '');
    reject(
      gone
        ? notRunning(error)
        : new AgentError('permission', `Cannot reach the agent at ${path} (${reasonOf(error)})`, {
            cause: error,
          }),
    );
  });
  try {
    await unlessAborted(promise, signal);
    // A broken connection shows in reading and writing; without a listener it would end the process.
    socket.on('error', () => {});
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
}

/** The agent's refusal as the error it was. */
export function toError({ code, message }: { code: string; message: string }): AgentError | SignalingError {
  if (isSignalingErrorCode(code)) return new SignalingError(code, message);
  return new AgentError(isAgentErrorCode(code) ? code : 'internal', message);
}

const isSignalingErrorCode = (code: string): code is SignalingErrorCode => Object.hasOwn(ERROR_EDGES, code);

/**
 * Asks on an open connection and decodes the answer; the connection stays open.
 *
 * @throws AgentError the agent's own refusal, `timeout`, `not-running` when it went away, `bad-message`, `oversize`
 */
export async function ask<Schema extends TSchema>(
  socket: Socket,
  request: Request,
  result: Schema,
  { signal, timeoutMs = LOCAL_REPLY_TIMEOUT_MS }: RequestOptions,
): Promise<Static<Schema>> {
  using deadline = new Deadline(signal, timeoutMs, { reason: () => hung(timeoutMs) });
  socket.write(encodeLine(request));
  const line = await new LineReader(socket, MAX_LOCAL_LINE_BYTES).next(deadline);
  if (line === undefined) throw notRunning();
  const reply = decodeLine(ReplySchema, line);
  if (!reply.ok) throw toError(reply);
  if (!Value.Check(result, reply.result)) {
    throw new AgentError(
      'bad-message',
      'The agent answered in a form this program does not know; restart it: ouro-agent restart',
    );
  }
  return reply.result;
}

/** One question on a connection of its own. @throws AgentError as `connectLocal` and `ask` */
export async function askOnce<Schema extends TSchema>(
  path: string,
  request: Request,
  result: Schema,
  options: RequestOptions,
): Promise<Static<Schema>> {
  const timeoutMs = options.timeoutMs ?? LOCAL_REPLY_TIMEOUT_MS;
  using deadline = new Deadline(options.signal, timeoutMs, { reason: () => hung(timeoutMs) });
  const socket = await connectLocal(path, deadline);
  try {
    return await ask(socket, request, result, options);
  } finally {
    socket.destroy();
  }
}
