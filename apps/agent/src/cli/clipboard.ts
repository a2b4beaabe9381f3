import { Type } from 'typebox';
import { CLIPBOARD_TIMEOUT_MS, LOCAL_REPLY_TIMEOUT_MS, MAX_CLIPBOARD_BYTES } from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';
import { askOnce } from '../local/client.ts';
import type { Context } from './context.ts';

/** Longer than the agent's own wait, so that its words arrive. */
const timeoutMs = CLIPBOARD_TIMEOUT_MS + LOCAL_REPLY_TIMEOUT_MS;

/** In a pane, the agent that owns it; elsewhere the user's own. */
const socketOf = (context: Context): string => context.env.WEBEXEC ?? context.paths().socket;

async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    length += chunk.length;
    if (length > MAX_CLIPBOARD_BYTES) {
      throw new AgentError(
        'oversize',
        `That is more than a clipboard takes, ${MAX_CLIPBOARD_BYTES / 1024} KiB`,
      );
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new AgentError('bad-input', 'What was given is no UTF-8 text, and a clipboard takes only text', {
      cause,
    });
  }
}

/** `copy`: standard input to the clipboard of the most recent client. */
export async function copy(context: Context, input: AsyncIterable<Uint8Array>): Promise<number> {
  const data = await readAll(input);
  await askOnce(socketOf(context), { type: 'copy', data }, Type.Null(), {
    signal: context.signal,
    timeoutMs,
  });
  return 0;
}

/** `paste`: that client's clipboard, as it is, to standard output. */
export async function paste(context: Context, write: (text: string) => void): Promise<number> {
  const { signal } = context;
  write(await askOnce(socketOf(context), { type: 'paste' }, Type.String(), { signal, timeoutMs }));
  return 0;
}
