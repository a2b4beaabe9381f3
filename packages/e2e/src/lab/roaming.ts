import type { Host } from './host.ts';
import { Lab } from './lab.ts';
import { hostTaking, type LoginKey } from './login.ts';
import { putAgent, putClient } from './programs.ts';

/** Where the agent's HTTP is. */
export const ENDPOINT = 'http://10.77.0.2:7777';

const FIRST = '10.77.0.1';
const OTHERS = ['10.77.0.11', '10.77.0.12'] as const;

/** A laptop that can move in its network, and a box with an agent that knows it. */
export class RoamingLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly laptop: Host;
  readonly box: Host;
  #address: string = FIRST;

  private constructor(lab: Lab) {
    this.lab = lab;
    this.laptop = lab.host('laptop');
    this.box = lab.host('box');
  }

  /** `key`: one that the box takes by SSH. */
  static async create({ delayMs, key }: { delayMs?: number; key?: LoginKey } = {}): Promise<RoamingLab> {
    const link = { between: ['laptop', 'box'] as const, ...(delayMs === undefined ? {} : { delayMs }) };
    const box = key === undefined ? {} : hostTaking(key);
    const lab = await Lab.create({ hosts: { laptop: { users: { me: {} } }, box }, links: [link] });
    const roaming = new RoamingLab(lab);
    try {
      await roaming.#install();
      return roaming;
    } catch (thrown) {
      await lab[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  async #install(): Promise<void> {
    const { laptop, box } = this;
    await Promise.all([putClient(laptop), putAgent(box, { home: 'ada' })]);
    await box.writeHome('ada', '.config/ouro/agent.toml', '[net]\nhttp_server = "0.0.0.0:7777"\n');
    const own = await laptop.must('ouro fingerprint', { user: 'me' });
    await box.must(`~/.local/bin/ouro-agent client add ${own.trim()} laptop`, { user: 'ada' });
    await this.startAgent();
  }

  async startAgent(): Promise<void> {
    await this.box.must('~/.local/bin/ouro-agent start', { user: 'ada' });
  }

  /** Its address now. */
  get address(): string {
    return this.#address;
  }

  /** Gives the laptop another address in place of its own, at once. @returns when, in milliseconds since 1970 */
  async move(): Promise<number> {
    const next = OTHERS.find((other) => other !== this.#address) ?? OTHERS[0];
    const change = `ip address del ${this.#address}/24 dev eth0; ip address add ${next}/24 dev eth0`;
    const at = await this.laptop.must(`date +%s%N; ${change}`);
    this.#address = next;
    return Number(at.trim()) / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }
}
