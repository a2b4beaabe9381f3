import { AgentError } from '../base/errors.ts';
import { askOnce } from '../local/client.ts';
import { type PaneStatus, type PeerStatus, type Status, StatusSchema } from '../local/protocol.ts';
import type { Context } from './context.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** A span of time in its two largest units. */
export function formatSpan(ms: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, ms);
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}

/** Text of a far end may hold escapes that would act on this terminal. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');

const peerLine = (
  { fingerprint, label, transport, state, since, pair, version }: PeerStatus,
  now: number,
): string => {
  const who = label ?? (fingerprint === null ? 'unknown' : `${fingerprint.slice(0, 16)}…`);
  const path =
    pair === null
      ? state
      : `${pair.local.type}/${pair.remote.type} ${pair.local.protocol} ${pair.local.address}:${pair.local.port} - ${pair.remote.address}:${pair.remote.port}`;
  const client = version === null ? '' : `, client ${version}`;
  return plain(`  ${who}  ${path}  for ${formatSpan(now - since)}, by ${transport}${client}`);
};

const paneLine = ({ id, pid, command, size, clients, since }: PaneStatus, now: number): string => {
  const shape = size === null ? 'no terminal' : `${size.cols}x${size.rows}`;
  const watched = clients === 1 ? '1 client' : `${clients} clients`;
  return plain(
    `  ${id}  ${command.join(' ')}  pid ${pid ?? '?'}, ${shape}, ${watched}, for ${formatSpan(now - since)}`,
  );
};

const print = ({ output }: Context, status: Status, now: number): void => {
  output.line(
    `${output.bold('ouro-agent')} ${status.version}, pid ${status.pid}, up ${formatSpan(status.uptime)}`,
  );
  output.line(`fingerprint  ${status.fingerprint}`);
  output.line(`address      ${status.address}`);
  if (status.ice_port !== null) output.line(`connections  port ${status.ice_port}, UDP and TCP`);
  output.line(output.bold(`peers        ${status.peers.length}`));
  for (const peer of status.peers) output.line(peerLine(peer, now));
  output.line(output.bold(`panes        ${status.panes.length}`));
  for (const pane of status.panes) output.line(paneLine(pane, now));
};

/** `status`: for people, or with `json` for scripts. Without an agent it fails, and says so in JSON too. */
export async function status(context: Context, options: { json?: boolean }): Promise<number> {
  const { output, signal } = context;
  try {
    const answer = await askOnce(context.paths().socket, { type: 'status' }, StatusSchema, { signal });
    if (options.json === true) output.line(JSON.stringify({ running: true, ...answer }));
    else print(context, answer, Date.now());
    return 0;
  } catch (thrown) {
    const isDown = thrown instanceof AgentError && thrown.code === 'not-running';
    if (options.json === true && isDown) output.line(JSON.stringify({ running: false }));
    throw thrown;
  }
}
