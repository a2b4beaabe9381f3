import type { Abortable } from '@ouro/signaling';
import type { SshConnection } from '@ouro/ssh-client';
import { CliError } from '../errors.ts';
import type { SshOptions } from '../invocation.ts';
import { type ErrorOutput, writeNow } from '../report/error-output.ts';
import { FatalSignals } from '../session/signals.ts';
import { loginName, type SshLogin } from '../ssh/account.ts';
import { login } from '../ssh/login.ts';
import { ttyPrompt } from '../ssh/tty-prompt.ts';
import { bringNode } from './bring-node.ts';
import { INSTALL_DIR } from './constants.ts';
import { type HostNode, hostNode } from './host-node.ts';
import { type FetchPackage, type Pack, pack } from './pack.ts';
import { NODE_VERSION } from './pinned-packages.ts';
import { type HostFacts, PROBE, parseProbe } from './probe.ts';
import { ownRegistry } from './registry.ts';
import { script, step } from './remote.ts';
import { finishScript, uploadCommand } from './scripts.ts';
import { fetchTarball } from './tarball.ts';

/** What an installation is asked for. */
export interface InstallOptions {
  readonly target: SshLogin;
  readonly ssh: SshOptions;
  readonly dryRun: boolean;
  /** Where packages come from; what npm uses unless told. */
  readonly registry: URL | undefined;
  /** Directory of this client's cache. */
  readonly cache: string;
  readonly errorOutput: ErrorOutput;
}

const say = (line: string): void => writeNow(1, `${line}\n`);

/** Puts the agent on a host over SSH, without root. @returns the exit code @throws SshError, CliError, Signalled */
export async function runInstall(options: InstallOptions): Promise<number> {
  const { target, ssh, errorOutput } = options;
  using signals = new FatalSignals(process);
  const stop = new AbortController();
  const signal = AbortSignal.any([signals.signal, stop.signal]);
  const prompt = ttyPrompt({
    draw: (text) => errorOutput.draw(text),
    quiet: () => errorOutput.keepOff(),
    interrupt: (reason) => stop.abort(reason),
  });
  try {
    const onBanner = (text: string) => errorOutput.print(text.trimEnd());
    await using connection = (await login({ target, ssh, prompt, onBanner, onNotice: onBanner, signal }))
      .connection;
    const facts = parseProbe(await script(connection, PROBE, { signal }));
    const node = hostNode(facts, loginName(target));
    await using packed = await pack(`${facts.platform}-${facts.arch}`, fetcher(facts, options, signal));
    checkTools(facts, packed, target);
    if (options.dryRun) return plan(target, facts, packed, node);
    await put(connection, { facts, packed, node }, { ...options, signal });
    return 0;
  } catch (thrown) {
    throw signal.aborted ? signal.reason : thrown;
  }
}

/** What will be put on which host. */
interface Plan {
  readonly facts: HostFacts;
  readonly packed: Pack;
  readonly node: HostNode;
}

async function put(
  connection: SshConnection,
  { facts, packed, node }: Plan,
  options: InstallOptions & Abortable,
): Promise<void> {
  const { target, signal } = options;
  const host = loginName(target);
  const { build, oldNode } = node;
  const brought = build && (await bringNode(connection, { ...options, build, oldNode, host }));
  const path = brought?.path ?? node.path;
  const fresh = facts.installed !== packed.name;
  if (fresh) {
    const upload = await step(connection, uploadCommand(packed.name), packed.tar(), { signal });
    if (upload.code !== 0)
      throw new CliError('install', `The agent could not be unpacked there: ${lastLine(upload.stderr)}`);
  }
  const { name, missing } = packed;
  const finish = finishScript({ name, node: path, fetch: missing, systemd: facts.systemd });
  const said = await script(connection, finish, { signal });
  if (brought) say(`${host} had no Node.js that will do; ${NODE_VERSION} was ${BROUGHT[brought.by]}.`);
  report(said, { target, facts, packed, node: path, fresh });
}

const BROUGHT = { fetched: 'fetched there', sent: 'sent there by this machine' } as const;

/** A host that cannot fetch by npm what is not on this machine gets it from here. */
const fetcher = (
  { tools }: HostFacts,
  { cache, registry }: InstallOptions,
  signal: AbortSignal,
): FetchPackage | undefined =>
  tools.has('npm')
    ? undefined
    : async (pinned) => {
        const from = registry ?? (await ownRegistry(process.env, { signal }));
        return fetchTarball(pinned, { registry: from, cache, onTransfer: () => undefined, signal });
      };

function checkTools({ tools }: HostFacts, { missing }: Pack, target: SshLogin): void {
  const lacking = ['tar', 'gzip', ...(missing === undefined ? [] : ['npm'])].filter(
    (tool) => !tools.has(tool),
  );
  if (lacking.length > 0)
    throw new CliError(
      'install',
      `${loginName(target)} lacks ${lacking.join(' and ')}; install that there first`,
    );
}

function plan(target: SshLogin, facts: HostFacts, { name, missing }: Pack, node: HostNode): number {
  say(`On ${loginName(target)} (${facts.platform}-${facts.arch}) this would:`);
  if (facts.installed === name) say(`  find ${name} there already`);
  else say(`  put ${name} below ~/.local/share/ouro${facts.installed ? `, after ${facts.installed}` : ''}`);
  if (missing !== undefined && facts.installed !== name) say(`  fetch ${missing} there by npm`);
  if (node.build) say(`  bring Node.js ${NODE_VERSION}, which it lacks, into ~/${INSTALL_DIR}`);
  say(`  link ~/.local/bin/ouro-agent, which runs it by ${node.path}`);
  say('  make its config and identity where they are missing');
  if (facts.systemd) say('  write and enable the user unit ouro-agent.service');
  say('Nothing was changed.');
  return 0;
}

interface ReportContext {
  readonly target: SshLogin;
  readonly facts: HostFacts;
  readonly packed: Pack;
  readonly node: string;
  readonly fresh: boolean;
}

function report(said: string, { target, facts, packed, node, fresh }: ReportContext): void {
  const lines = said.split('\n');
  const has = (line: string): boolean => lines.includes(line);
  const host = loginName(target);
  say(
    fresh ? `Installed ${packed.name} on ${host}, run by ${node}.` : `${packed.name} is on ${host} already.`,
  );
  const kept = lines.find((line) => line.startsWith('kept '));
  if (kept)
    say(
      `Left alone: ${kept.slice(5)} is a file of yours; remove it to use ~/.local/share/ouro/ouro-agent by that name.`,
    );
  if (has('unit enabled'))
    say(
      'Its user unit is enabled: it starts with your first login. To keep it running: loginctl enable-linger',
    );
  else if (facts.systemd)
    say('Its user unit could not be enabled; it starts with your first connection instead.');
  else say('It starts with your first connection.');
  if (has('running restarted'))
    say('The agent that ran had no panes and was ended; the new one starts with your next connection.');
  const panes = lines.find((line) => line.startsWith('running panes '))?.slice('running panes '.length);
  if (panes)
    say(
      `The agent that runs keeps its ${panes} panes; the new one takes over after: ouro-agent restart (that ends them).`,
    );
  say(`Now connect: ouro ${host}`);
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
