import type { Socket } from 'node:net';
import { SignalingError } from '@ouro/signaling';
import { Type } from 'typebox';
import { ACCEPT_TIMEOUT_MS, MAX_LOCAL_LINE_BYTES } from '../base/constants.ts';
import { AgentError, exitCodeOf } from '../base/errors.ts';
import { writeTo } from '../local/accept-stream.ts';
import { ask, connectLocal, toError } from '../local/client.ts';
import { LineReader } from '../local/line-reader.ts';
import { decodeLine, ReplySchema } from '../local/protocol.ts';
import type { Context } from './context.ts';
import { launchDaemon } from './launch.ts';

/** The client's end: what SSH put on our standard input and output. */
export interface AcceptStreams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** Longer than the agent's own limit, so that its words arrive. */
const TIMEOUT_MS = ACCEPT_TIMEOUT_MS + 2000;

const VERDICT = new TextEncoder().encode('{"ok":');

const isVerdict = (line: Uint8Array): boolean => VERDICT.every((byte, index) => line[index] === byte);

/**
 * A pipe between the SSH channel and the agent, which it starts if none runs. Says READY once it is
 * connected to it.
 *
 * @returns 0 when the peers are connected
 * @throws AgentError, SignalingError why they are not
 */
async function accept(context: Context, streams: AcceptStreams): Promise<number> {
  const { input, output } = streams;
  // With a pty, before the first byte out: the tty would echo the offer and cut its line at 4,096 bytes.
  if (input.isTTY) input.setRawMode(true);
  output.on('error', () => {});
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = AbortSignal.any([context.signal, timeout]);
  let socket: Socket | undefined;
  try {
    socket = await reachAgent(context, signal);
    await ask(socket, { type: 'accept' }, Type.Null(), { signal });
    await write(output, 'READY\n');
    const feeding = feed(input, socket);
    await relay(socket, output, { signal });
    input.off('data', feeding);
    return 0;
  } catch (thrown) {
    if (timeout.aborted) throw tooLate();
    throw thrown;
  } finally {
    if (input.isTTY) input.setRawMode(false);
    input.destroy();
    socket?.destroy();
  }
}

/** `accept`, as a command: some causes share an exit status, so that its last line names the cause: `[too-many] …`. */
export async function runAccept(context: Context, streams: AcceptStreams): Promise<number> {
  try {
    return await accept(context, streams);
  } catch (thrown) {
    if (!(thrown instanceof SignalingError)) throw thrown;
    context.output.note(`ouro-agent: [${thrown.code}] ${thrown.message}`);
    return exitCodeOf(thrown);
  }
}

const tooLate = (): AgentError =>
  new AgentError(
    'timeout',
    'The peers were not connected in time; is the agent well? See: ouro-agent status',
  );

async function reachAgent(context: Context, signal: AbortSignal): Promise<Socket> {
  const { socket: path } = context.paths();
  try {
    return await connectLocal(path, { signal });
  } catch (thrown) {
    if (!(thrown instanceof AgentError) || thrown.code !== 'not-running') throw thrown;
  }
  await launchDaemon(context).catch((thrown: unknown) => {
    // Another accept started it in the same moment, or it is on its way.
    if (!(thrown instanceof AgentError) || thrown.code !== 'already-running') throw thrown;
  });
  return connectRetry(path, signal);
}

/** The winner of two starts holds the lock a moment before it listens. */
async function connectRetry(path: string, signal: AbortSignal): Promise<Socket> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  for (;;) {
    try {
      return await connectLocal(path, { signal });
    } catch (thrown) {
      if (!(thrown instanceof AgentError) || thrown.code !== 'not-running') throw thrown;
      await sleep(20, undefined, { signal });
    }
  }
}

const write = (output: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    output.write(data, (error) => {
      if (error) reject(new SignalingError('lost', 'The SSH channel broke', { cause: error }));
      else resolve();
    });
  });

/** From SSH to the agent, byte for byte, with back-pressure; end of input is told on. */
function feed(input: NodeJS.ReadStream, socket: Socket): (chunk: Uint8Array) => void {
  const onData = (chunk: Uint8Array) => {
    input.pause();
    writeTo(socket, chunk).then(
      () => input.resume(),
      () => {},
    );
  };
  input.on('data', onData);
  input.once('end', () => socket.end());
  input.once('error', () => socket.end());
  return onData;
}

/**
 * From the agent to SSH, line by line, up to the agent's last word. @throws what the last word is, `not-running` when
 * there is none
 */
async function relay(
  socket: Socket,
  output: NodeJS.WriteStream,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const lines = new LineReader(socket, MAX_LOCAL_LINE_BYTES);
  for (;;) {
    const line = await lines.next({ signal });
    if (line === undefined)
      throw new AgentError('not-running', 'The agent went away before the peers were connected');
    if (isVerdict(line)) {
      const verdict = decodeLine(ReplySchema, line);
      if (!verdict.ok) throw toError(verdict);
      return;
    }
    // A client that sees its peer may close the channel before the agent's last word, which alone counts.
    await write(output, Buffer.concat([line, Buffer.from('\n')])).catch(() => {});
  }
}
