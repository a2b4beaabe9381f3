import type { CommandArgs, PeerInfo, SessionRequest } from '../commands.ts';
import { MARK_TIMEOUT_MS } from '../constants.ts';
import { SessionError } from '../errors.ts';
import type { StartingPoint } from './attachment.ts';
import type { ClientControl } from './client-control.ts';
import type { HostPane } from './pane.ts';
import type { PaneChannels } from './pane-channels.ts';
import type { PaneStore } from './pane-store.ts';
import type { PayloadStore } from './payload-store.ts';
import { startingPoint } from './starting-point.ts';
import { toArgv, toEnv, toId, toPayload, toSize } from './validate.ts';

/** What the commands of one client work on. */
export interface CommandContext {
  client: ClientControl;
  panes: PaneStore;
  payload: PayloadStore;
  channels: PaneChannels;
  /** Who this agent is. */
  info: PeerInfo;
  /** Fires when the session is over. */
  signal: AbortSignal;
}

/** Does one request of a client. @throws SessionError, ControlError: its text goes into the nack */
export function serveCommand(request: SessionRequest, context: CommandContext): Promise<string> | string {
  switch (request.type) {
    case 'hello':
      return hello(request.args, context);
    case 'add_pane':
      return addPane(request.args, context, request.id);
    case 'reconnect_pane':
      return reconnectPane(request.args, context, request.id);
    case 'resize':
      return resize(request.args, context);
    case 'mark':
      return mark(context);
    case 'restore':
      return restore(request.args, context);
    case 'get_payload':
      return context.payload.get();
    case 'set_payload':
      return setPayload(request.args, context);
    case 'eof':
      return eof(request.args, context);
    case 'signal':
      return sendSignal(request.args, context);
    case 'refused':
      context.client.refuses(request.args);
      return '';
    default:
      throw new SessionError('unsupported', `This agent does not serve the command ${request.type}`);
  }
}

function hello(info: CommandArgs<'hello'>, { client, info: own }: CommandContext): string {
  client.info = info;
  return JSON.stringify(own);
}

async function addPane(
  args: CommandArgs<'add_pane'>,
  { panes, channels, client, signal }: CommandContext,
  messageId: number,
): Promise<string> {
  const { rows, cols, parent } = args;
  const argv = toArgv(args.command);
  const bare = (rows ?? undefined) === undefined && (cols ?? undefined) === undefined;
  const size = bare ? undefined : toSize(rows ?? 0, cols ?? 0);
  const env = client.info && toEnv(args.env ?? {});
  channels.assertRoom();
  const pane = await panes.create(
    { argv, parent: toId(parent ?? 0), ...(env && { env }), ...(size && { size }) },
    { signal },
  );
  try {
    channels.open({ pane, messageId, from: { stdout: 0, stderr: 0 }, client });
  } finally {
    // Also without a client: a process that never starts to be read could be neither found nor ended.
    pane.start();
  }
  return String(pane.id);
}

function reconnectPane(
  args: CommandArgs<'reconnect_pane'>,
  { panes, channels, client }: CommandContext,
  messageId: number,
): string {
  const id = toId(args.id);
  const pane = panes.get(id);
  if (!pane) {
    const exit = panes.exitOf(id);
    const bytes = { stdout: 0, stderr: 0 };
    if (exit && client.info) client.tell('exit', { pane_id: id, ...exit, bytes });
    throw new SessionError('not-found', `Pane ${id} does not run${exit ? ' any more' : ''}`);
  }
  channels.assertRoom();
  channels.open({ pane, messageId, from: startingPoint(pane, client.restored), client });
  return String(id);
}

function resize(args: CommandArgs<'resize'>, { panes, client }: CommandContext): string {
  const { sx, sy } = args;
  const pane = running(panes, args.pane_id);
  if (pane.resize(toSize(sy, sx))) panes.broadcast(client, 'resize', { pane_id: pane.id, sx, sy });
  return '';
}

/**
 * Nothing is sent between the mark and its ack, and the ack comes only when the client has all output before it:
 * at the ack it has exactly what comes before its mark.
 */
async function mark({ panes, channels, client, signal }: CommandContext): Promise<string> {
  const all = channels.all;
  const releases = all.map((attachment) => attachment.freeze());
  const watched = new Map<number, StartingPoint>();
  for (const attachment of all) watched.set(attachment.pane.id, attachment.places ?? 'snapshot');
  const marker = panes.mark(watched);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(MARK_TIMEOUT_MS)]);
  try {
    // One that closed meanwhile has ended, and is none of the panes to come back to.
    const out = all.map((one) =>
      one.drained({ signal: AbortSignal.any([limit, one.signal]) }).catch(() => {}),
    );
    await Promise.all(out);
    const open = all.filter((one) => !one.signal.aborted);
    await client.marked(Object.fromEntries(open.flatMap((one) => one.sentByLabel)), { signal: limit });
    limit.throwIfAborted();
    return String(marker);
  } catch (cause) {
    const text = 'Output is still on its way: mark again when the link is better';
    throw new SessionError('timeout', text, { cause });
  } finally {
    // In a later turn, after the ack.
    setTimeout(() => {
      for (const release of releases) release();
    }, 0);
  }
}

/**
 * A marker that is not known (the agent was restarted since, or the mark is too old) is no error, as with webexec, whose
 * clients would be stranded by one: panes come back as snapshots.
 */
async function restore(
  args: CommandArgs<'restore'>,
  { panes, payload, client }: CommandContext,
): Promise<string> {
  client.restored = panes.markOf(Number(args.marker ?? 0));
  return await payload.get();
}

async function setPayload(
  args: CommandArgs<'set_payload'>,
  { panes, payload, client }: CommandContext,
): Promise<string> {
  const value: unknown = 'payload' in args ? args.payload : args.Payload;
  const text = toPayload(value);
  await payload.set(text);
  panes.broadcast(client, 'set_payload', { payload: value });
  return text;
}

function eof(args: CommandArgs<'eof'>, { channels }: CommandContext): string {
  const attachment = channels.of(toId(args.pane_id));
  if (!attachment) throw new SessionError('not-found', 'This client is not attached to that pane');
  attachment.endInputAt(args.bytes);
  return '';
}

function sendSignal(args: CommandArgs<'signal'>, { panes }: CommandContext): string {
  running(panes, args.pane_id).kill(args.name);
  return '';
}

/** @throws SessionError `not-found` */
function running(panes: PaneStore, id: number | string): HostPane {
  const pane = panes.get(toId(id));
  if (pane) return pane;
  throw new SessionError('not-found', `Pane ${toId(id)} does not run`);
}
