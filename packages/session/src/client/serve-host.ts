import type { CommandArgs, SessionRequest } from '../commands.ts';
import { MAX_CLIPBOARD_BYTES } from '../constants.ts';
import { SessionError } from '../errors.ts';
import type { TerminalSize } from '../types.ts';

/** The user's clipboard, as the far end may read and write it. */
export interface Clipboard {
  read(): Promise<string> | string;
  write(data: string, mimetype: string): Promise<void> | void;
}

/** What a client does when the agent asks or tells. */
export interface HostEvents {
  clipboard?: Clipboard;
  onResize?: (paneId: number, size: TerminalSize) => void;
  onPayload?: (payload: unknown) => void;
  /** Resolves when the client has all output of the process. */
  onExit: (args: CommandArgs<'exit'>) => Promise<void>;
  /** The agent closes the session in order. */
  onBye: () => void;
  /** Resolves when this many bytes have come on the channel with this label. */
  onMarked: (label: string, bytes: number) => Promise<void>;
  /** The agent has taken a channel of ours. */
  onAccepted: (args: CommandArgs<'accepted'>) => void;
  /** The agent does not serve a channel of ours. */
  onRefused: (args: CommandArgs<'refused'>) => void;
}

/** Does one request of the agent. @throws SessionError */
export function serveHost(request: SessionRequest, events: HostEvents): Promise<string> | string {
  switch (request.type) {
    case 'exit':
      return exit(request.args, events);
    case 'bye':
      events.onBye();
      return '';
    case 'marked':
      return marked(request.args, events);
    case 'resize':
      return resize(request.args, events);
    case 'set_payload':
      return setPayload(request.args, events);
    case 'set_clipboard':
      return setClipboard(request.args, events);
    case 'get_clipboard':
      return getClipboard(events);
    case 'accepted':
      events.onAccepted(request.args);
      return '';
    case 'refused':
      events.onRefused(request.args);
      return '';
    default:
      throw new SessionError('unsupported', `This client does not serve the command ${request.type}`);
  }
}

async function exit(args: CommandArgs<'exit'>, { onExit }: HostEvents): Promise<string> {
  await onExit(args);
  return '';
}

async function marked({ channels }: CommandArgs<'marked'>, { onMarked }: HostEvents): Promise<string> {
  await Promise.all(Object.entries(channels).map(([label, bytes]) => onMarked(label, bytes)));
  return '';
}

function resize({ pane_id, sx, sy }: CommandArgs<'resize'>, { onResize }: HostEvents): string {
  onResize?.(Number(pane_id), { rows: sy, cols: sx });
  return '';
}

function setPayload(args: CommandArgs<'set_payload'>, { onPayload }: HostEvents): string {
  onPayload?.('payload' in args ? args.payload : args.Payload);
  return '';
}

async function setClipboard(args: CommandArgs<'set_clipboard'>, events: HostEvents): Promise<string> {
  const { data, mimetype = 'text/plain' } = args;
  assertClipboardSize(data);
  await clipboardOf(events).write(data, mimetype);
  return '';
}

async function getClipboard(events: HostEvents): Promise<string> {
  const data = await clipboardOf(events).read();
  assertClipboardSize(data);
  return data;
}

function clipboardOf({ clipboard }: HostEvents): Clipboard {
  if (clipboard) return clipboard;
  throw new SessionError('unsupported', 'This client has no clipboard');
}

function assertClipboardSize(data: string): void {
  if (new TextEncoder().encode(data).length <= MAX_CLIPBOARD_BYTES) return;
  throw new SessionError('oversize', `A clipboard holds at most ${MAX_CLIPBOARD_BYTES} bytes`);
}
