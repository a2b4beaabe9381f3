import { type CommandArgs, type ControlRequest, decodeArgs, isCommandType } from '@ouro/control';
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
}

/** Does one request of the agent. @throws SessionError, ControlError `bad-message` */
export function serveHost({ type, args }: ControlRequest, events: HostEvents): Promise<string> | string {
  switch (isCommandType(type) ? type : undefined) {
    case 'exit':
      return exit(decodeArgs('exit', args), events);
    case 'bye':
      decodeArgs('bye', args);
      events.onBye();
      return '';
    case 'marked':
      return marked(decodeArgs('marked', args), events);
    case 'resize': {
      const { pane_id, sx, sy } = decodeArgs('resize', args);
      events.onResize?.(Number(pane_id), { rows: sy, cols: sx });
      return '';
    }
    case 'set_payload': {
      const given = decodeArgs('set_payload', args);
      events.onPayload?.('payload' in given ? given.payload : given.Payload);
      return '';
    }
    case 'set_clipboard':
      return setClipboard(decodeArgs('set_clipboard', args), events);
    case 'get_clipboard':
      return getClipboard(events);
    default:
      throw new SessionError('unsupported', `This client does not serve the command ${type}`);
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
