import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { IceServer } from '@ouro/ice';
import type { SelectedPair } from '@ouro/peer';
import type { Host } from '../lab/host.ts';
import { killInner } from '../lab/host-process.ts';
import { NODE } from '../programs/paths.ts';

const PROGRAM = fileURLToPath(new URL('../programs/ice-peer.ts', import.meta.url));

/** How a peer is started on a host. */
export interface PeerOnHost {
  readonly host: Host;
  readonly iceServers: readonly IceServer[];
  readonly sharedPort?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** How it went, at one end. */
export interface PeerResult {
  readonly pair?: SelectedPair;
  readonly ms?: number;
  /** The code of the failure. */
  readonly failed?: string;
  /** Servers that were of no use. */
  readonly errors: readonly { url: string; errorCode: number; errorText: string }[];
  /** Types of its candidates as they were signalled. */
  readonly candidates: readonly string[];
}

/**
 * Connects a peer on one host with one on another; their signals go by way of this process, whatever the hosts reach. An
 * echo through the connection has come back at the offerer.
 */
export async function connectHosts(
  offerer: PeerOnHost,
  answerer: PeerOnHost,
): Promise<[PeerResult, PeerResult]> {
  const ends = [new End(offerer, 'offerer'), new End(answerer, 'answerer')] as const;
  for (const [one, other] of [ends, [ends[1], ends[0]]] as const) one.signalsTo(other);
  try {
    return await Promise.all([ends[0].result, ends[1].result]);
  } finally {
    await Promise.all(ends.map((end) => end.close()));
  }
}

class End {
  readonly result: Promise<PeerResult>;
  readonly #child: ChildProcess;
  readonly #errors: { url: string; errorCode: number; errorText: string }[] = [];
  readonly #candidates: string[] = [];
  #stderr = '';
  #onSignal: (line: string) => void = () => {};

  constructor({ host, iceServers, sharedPort = false, env = {} }: PeerOnHost, role: 'offerer' | 'answerer') {
    const spec = JSON.stringify({ role, iceServers, sharedPort });
    const child = host.spawnRaw([NODE, '--conditions=ouro-source', PROGRAM, spec], { env });
    this.#child = child;
    child.stdin?.on('error', () => {});
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString('utf8');
    });
    this.result = this.#read(role === 'offerer');
    this.result.catch(() => {});
  }

  signalsTo(other: End): void {
    this.#onSignal = (line) => other.#child.stdin?.write(`${line}\n`);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (!(await killInner(this.#child, 'SIGKILL'))) this.#child.kill('SIGKILL');
    await gone;
  }

  async #read(echoes: boolean): Promise<PeerResult> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('It has no stdout');
    let connected: { pair: SelectedPair; ms: number } | undefined;
    let echoed = !echoes;
    for await (const line of createInterface({ input: stdout })) {
      const said = JSON.parse(line);
      if (said.signal !== undefined) this.#signal(said.signal);
      if (said.error !== undefined) this.#errors.push(said.error);
      if (said.failed !== undefined) return this.#resultWith({ failed: said.failed });
      connected ??= said.connected;
      echoed ||= said.echoed === 'there and back';
      if (connected !== undefined && echoed) return this.#resultWith(connected);
    }
    throw new Error(`The peer ended: ${this.#stderr}`);
  }

  #resultWith(end: Pick<PeerResult, 'pair' | 'ms' | 'failed'>): PeerResult {
    return { ...end, errors: this.#errors, candidates: this.#candidates };
  }

  #signal(signal: { candidate?: string; sdp?: string }): void {
    const text = `${signal.candidate ?? ''}${signal.sdp ?? ''}`;
    for (const [, type] of text.matchAll(/ typ (\w+)/g)) this.#candidates.push(type ?? '');
    this.#onSignal(JSON.stringify(signal));
  }
}
