import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { builtOn, type Programs } from './paths.ts';
import { Program, type RunResult, run } from './run.ts';
import { TemporaryHome } from './temporary-home.ts';

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** How an agent and its client are set up. */
interface AgentOptions {
  readonly authorized?: boolean;
  readonly config?: string;
  readonly programs?: Programs;
}

/** A real agent of a home of its own on a free loopback port, and a real client with another home. Ended on dispose. */
export class AgentAndClient implements AsyncDisposable {
  /** Where the agent's HTTP listens. */
  readonly url: string;
  readonly process: Program;
  readonly host: TemporaryHome;
  readonly client: TemporaryHome;
  readonly #programs: Programs;

  private constructor(
    programs: Programs,
    url: string,
    process: Program,
    host: TemporaryHome,
    client: TemporaryHome,
  ) {
    this.#programs = programs;
    this.url = url;
    this.process = process;
    this.host = host;
    this.client = client;
  }

  /** With `authorized: false` the agent does not know the client. `config` is more of its TOML, `programs` are others than those built here. */
  static async create(options: AgentOptions = {}): Promise<AgentAndClient> {
    const { programs = builtOn(process.execPath) } = options;
    await using cleanup = new AsyncDisposableStack();
    const host = cleanup.use(await TemporaryHome.create());
    const client = cleanup.use(await TemporaryHome.create());
    const folder = join(host.path, 'config', 'ouro');
    await mkdir(folder, { mode: 0o700 });
    const toml = `[net]\nhttp_server = "127.0.0.1:0"\n${options.config ?? ''}`;
    await writeFile(join(folder, 'agent.toml'), toml, { mode: 0o600 });
    await agentCommand(programs, host, 'init');
    if (options.authorized !== false) {
      const { stdout } = await run([...programs.ouro, 'fingerprint'], { env: client.env });
      await agentCommand(programs, host, 'client', 'add', stdout.toString().trim(), 'e2e');
    }
    const agent = cleanup.use(
      new Program([...programs.agent, 'start', '--foreground'], { env: host.env, timeoutMs: 10 * 60_000 }),
    );
    agent.child.stdout.resume();
    const url = await untilListening(programs, host, agent);
    cleanup.move();
    return new AgentAndClient(programs, url, agent, host, client);
  }

  /** The client's command line for this agent. */
  ouro(...args: string[]): string[] {
    const split = args.indexOf('--');
    const options = split < 0 ? args : args.slice(0, split);
    const command = split < 0 ? [] : args.slice(split);
    return [...this.#programs.ouro, ...options, this.url, ...command];
  }

  /** Runs the client to its end. */
  run(args: readonly string[], input?: string | Uint8Array): Promise<RunResult> {
    return run(this.ouro(...args), { env: this.client.env, ...(input === undefined ? {} : { input }) });
  }

  /** What `ouro-agent status --json` tells. */
  async status(): Promise<unknown> {
    return JSON.parse(await agentCommand(this.#programs, this.host, 'status', '--json'));
  }

  /** The ids of the agent's panes, oldest first. */
  async panes(): Promise<number[]> {
    const status = await this.status();
    const panes: unknown = isRecord(status) ? status.panes : undefined;
    return Array.isArray(panes) ? panes.map((pane: unknown) => Number(isRecord(pane) ? pane.id : pane)) : [];
  }

  /** How many peers the agent has. */
  async peerCount(): Promise<number> {
    const status = await this.status();
    return isRecord(status) && Array.isArray(status.peers) ? status.peers.length : Number.NaN;
  }

  /** How the agent's peers are, oldest first. */
  async peerStates(): Promise<unknown[]> {
    const status = await this.status();
    const peers: unknown = isRecord(status) ? status.peers : undefined;
    return Array.isArray(peers) ? peers.map((peer: unknown) => (isRecord(peer) ? peer.state : peer)) : [];
  }

  /** Lets the owner of a certificate in, by its compact fingerprint. */
  async authorize(fingerprint: string): Promise<void> {
    await agentCommand(this.#programs, this.host, 'client', 'add', fingerprint, 'e2e');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using cleanup = new AsyncDisposableStack();
    cleanup.use(this.host);
    cleanup.use(this.client);
    cleanup.use(this.process);
    this.process.child.kill('SIGTERM');
    await Promise.race([this.process.exited, delay(3000, undefined, { ref: false })]);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

async function agentCommand(programs: Programs, host: TemporaryHome, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run([...programs.agent, ...args], { env: host.env });
  if (code !== 0) throw new Error(`ouro-agent ${args[0]} ended with ${code}: ${stderr}`);
  return stdout.toString();
}

async function untilListening(programs: Programs, host: TemporaryHome, agent: Program): Promise<string> {
  const end = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < end && agent.child.exitCode === null) {
    const { code, stdout } = await run([...programs.agent, 'status', '--json'], { env: host.env });
    const status: unknown = code === 0 ? JSON.parse(stdout.toString()) : undefined;
    if (isRecord(status) && typeof status.address === 'string') return status.address;
    await delay(POLL_MS);
  }
  throw new Error(`The agent does not start: ${agent.stderr}`);
}
