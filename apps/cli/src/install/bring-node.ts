import type { Abortable } from '@ouro/signaling';
import type { SshConnection } from '@ouro/ssh-client';
import { CliError } from '../errors.ts';
import type { ErrorOutput } from '../report/error-output.ts';
import { Progress } from '../report/progress.ts';
import { LEAST_NODE, TRANSFER_TIMEOUT_MS } from './constants.ts';
import { fetchNodeScript, type NodeAnswer, parseNodeAnswer, receiveNodeCommand } from './node-scripts.ts';
import type { PinnedPackage } from './pinned-packages.ts';
import { ownRegistry } from './registry.ts';
import { openRegistry } from './registry-url.ts';
import { script, step } from './remote.ts';
import { Stall } from './stall.ts';
import { corruptTarball, fetchTarball, type OnTransfer } from './tarball.ts';
import { TransferBar } from './transfer-bar.ts';

/** What it takes to bring Node to a host. */
export interface BringNodeOptions extends Abortable {
  readonly build: PinnedPackage;
  /** The host as the user calls it. */
  readonly host: string;
  /** The registry that the user named. */
  readonly registry: URL | undefined;
  /** Directory of this client's cache. */
  readonly cache: string;
  /** A Node of the host that is too old for the agent. */
  readonly oldNode: string | undefined;
  readonly errorOutput: ErrorOutput;
}

/** Node as it came to a host. */
export interface BroughtNode {
  readonly path: string;
  readonly by: 'fetched' | 'sent';
}

/**
 * Puts the pinned Node on a host, below the directory of the agent: by the host itself where it reaches a registry, else
 * over this connection.
 * @throws CliError, SshError
 */
export async function bringNode(connection: SshConnection, options: BringNodeOptions): Promise<BroughtNode> {
  const own = options.registry ?? (await ownRegistry(process.env, options));
  const fetched = await fetchThere(connection, own, options);
  if (fetched.state === 'placed') return { path: fetched.detail, by: 'fetched' };
  if (fetched.state === 'corrupt') throw corruptTarball(options.build, `the registry of ${options.host}`);
  if (fetched.state === 'unusable') throw unusable(fetched, options);
  const tarball = await fetchHere(own, fetched, options);
  const sent = await send(connection, tarball, options);
  if (sent.state !== 'placed') throw unusable(sent, options);
  return { path: sent.detail, by: 'sent' };
}

async function fetchThere(
  connection: SshConnection,
  own: URL,
  { build, host, registry, oldNode, errorOutput, signal }: BringNodeOptions,
): Promise<NodeAnswer> {
  const named = registry && openRegistry(registry);
  if (registry !== undefined && named === undefined)
    return { state: 'absent', detail: 'the URL of the registry holds a password, which it is not told' };
  const draw = (text: string) => errorOutput.draw(text);
  using _progress = process.stderr.isTTY
    ? new Progress(draw, () => `${host} fetches Node ${build.version}`)
    : undefined;
  const text = fetchNodeScript(build, { named, fallback: openRegistry(own), oldNode });
  return answerOf(await script(connection, text, { signal, timeoutMs: TRANSFER_TIMEOUT_MS }));
}

async function fetchHere(
  registry: URL,
  there: NodeAnswer,
  { build, host, cache, errorOutput, signal }: BringNodeOptions,
): Promise<Uint8Array> {
  using bar = new TransferBar(errorOutput, `Fetching Node ${build.version}`);
  try {
    return await fetchTarball(build, { registry, cache, onTransfer: bar.onTransfer, signal });
  } catch (thrown) {
    if (!(thrown instanceof CliError)) throw thrown;
    throw new CliError(
      'install',
      `${host} has no Node.js ${LEAST_NODE} or newer and could not fetch one (${there.detail}); nor could this machine: ${thrown.message}. Check the network or name a registry with --registry, or install Node.js there yourself; then run this again`,
      { cause: thrown },
    );
  }
}

/** Pieces of an SSH channel's usual packet. */
const PIECE_BYTES = 32 * 1024;

async function* piecesOf(bytes: Uint8Array, onTransfer: OnTransfer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES);
    onTransfer(Math.min(at + PIECE_BYTES, bytes.length), bytes.length);
  }
}

async function send(
  connection: SshConnection,
  tarball: Uint8Array,
  { build, host, errorOutput, signal }: BringNodeOptions,
): Promise<NodeAnswer> {
  using bar = new TransferBar(errorOutput, `Sending Node ${build.version}`);
  using stall = new Stall();
  const pieces = piecesOf(tarball, (done, total) => {
    // Then the host unpacks it, in silence.
    if (done === total) stall.end();
    else stall.moved();
    bar.onTransfer(done, total);
  });
  const result = await step(connection, receiveNodeCommand(build, tarball.length), pieces, {
    signal: AbortSignal.any([signal, stall.signal]),
    timeoutMs: TRANSFER_TIMEOUT_MS,
  });
  stall.signal.throwIfAborted();
  if (result.code === 0) return answerOf(result.stdout);
  const why = result.stderr.trim().split('\n').at(-1) || 'the connection broke off, or its disk is full';
  throw new CliError('install', `Node could not be put on ${host}: ${why}`);
}

function answerOf(said: string): NodeAnswer {
  const answer = parseNodeAnswer(said);
  if (answer === undefined)
    throw new CliError('install', 'The host did not say what became of its Node; try again');
  return answer;
}

const unusable = ({ detail }: NodeAnswer, { build, host }: BringNodeOptions): CliError =>
  new CliError(
    'install',
    `The official build of Node ${build.version} does not run on ${host} (${detail || 'it came damaged'}). Its system may be too old, or nothing may be run from that home. Install Node.js ${LEAST_NODE} or newer there by other means; then run this again`,
  );
