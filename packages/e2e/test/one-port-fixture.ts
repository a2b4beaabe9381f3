import { type Host, Lab, putAgent, putClient, until } from '../src/lab/index.ts';

/** The candidate pair that an agent tells of. */
export interface Pair {
  readonly local: { readonly address: string; readonly port: number; readonly protocol: string };
  readonly remote: { readonly address: string; readonly protocol: string };
}

/** An agent of ada's that lets the user `me` of another host in, with this `[net]`. */
export const startAgent = async (box: Host, laptop: Host, net: string): Promise<void> => {
  await box.writeHome('ada', '.config/ouro/agent.toml', `[net]\n${net}\n`);
  const fingerprint = (await laptop.must('ouro fingerprint', { user: 'me' })).trim();
  await agent(box, 'client', 'add', fingerprint, 'laptop');
  await agent(box, 'start');
};

/** Runs a command of ada's agent. */
export const agent = (box: Host, ...args: string[]): Promise<string> =>
  box.must(['sh', '-c', `"$HOME"/.local/bin/ouro-agent "$@"`, 'agent', ...args], { user: 'ada' });

/** A laptop with the client and a box with the agent, with a link between them. */
export const laptopAndBox = async (): Promise<{ lab: Lab; laptop: Host; box: Host }> => {
  const lab = await Lab.create({
    hosts: { laptop: { users: { me: {} } }, box: {} },
    links: [{ between: ['laptop', 'box'] }],
  });
  const [laptop, box] = [lab.host('laptop'), lab.host('box')];
  await putClient(laptop);
  await putAgent(box, { home: 'ada' });
  return { lab, laptop, box };
};

/** A shell by this command line, as long as it is asked about its path. */
export const pairOf = async (laptop: Host, box: Host, ...args: string[]): Promise<Pair> => {
  await using shell = laptop.spawn(
    ['ouro', '-v', ...args, '--', 'sh', '-c', 'echo "I am $(id -un)"; read x'],
    {
      user: 'me',
    },
  );
  await until(() => shell.output.includes('I am ada'), { what: () => shell.output });
  const status: { peers: { pair: Pair }[] } = JSON.parse(await agent(box, 'status', '--json'));
  const pair = status.peers.at(-1)?.pair;
  if (pair === undefined) throw new Error('the agent has no peer');
  const told = await agent(box, 'status');
  if (!told.includes(` ${pair.local.protocol} `)) throw new Error(`status does not name the pair: ${told}`);
  if (!shell.output.includes(`connected over ${pair.remote.protocol} `)) throw new Error(shell.output);
  shell.child.stdin?.end('\n');
  await shell.exited;
  return pair;
};

/** Drops all that comes in and goes out but what these rules let in, and what belongs to it. */
export const passOnly = (host: Host, accepted: string): Promise<void> =>
  host.nft(`table inet lab_only {
    chain in { type filter hook input priority 0; policy drop; iifname "lo" accept; ct state established accept; ${accepted} }
    chain out { type filter hook output priority 0; policy drop; oifname "lo" accept; ct state established accept; }
  }`);

/** Undoes `passOnly`. */
export const passAgain = (host: Host): Promise<void> => host.nft('delete table inet lab_only');
