import { readFile } from 'node:fs/promises';
import type { Abortable } from '@ouro/signaling';
import { abortReason, SshError } from '../errors.ts';
import { type ExpandContext, processContext } from './expand.ts';
import { parseConfigFiles } from './file.ts';
import { run } from './run.ts';
import { type SshConfig, sshConfigOf } from './ssh-config.ts';
import { parseSshG } from './ssh-g.ts';
import { parseSshTarget } from './target.ts';

/** How a destination's configuration is found. */
export interface ResolveOptions extends Abortable {
  /** Options in front of the destination, as `ssh` itself takes them: `['-p', '2222', '-o', 'BatchMode=yes']`. */
  readonly args?: readonly string[];
  /** Instead of `~/.ssh/config` and the system's (ssh -F). */
  readonly configFile?: string;
  /** The OpenSSH client that is asked; `ssh` in PATH unless told. `false` = read the files ourselves. */
  readonly sshProgram?: string | false;
  readonly context?: ExpandContext;
}

const viaSsh = async (text: string, options: ResolveOptions): Promise<SshConfig | undefined> => {
  const { host, user, port } = parseSshTarget(text);
  const args = [
    '-G',
    ...(options.configFile ? ['-F', options.configFile] : []),
    ...(options.args ?? []),
    ...(user ? ['-l', user] : []),
    ...(port ? ['-p', String(port)] : []),
    '--',
    host,
  ];
  const result = await run(options.sshProgram || 'ssh', args, {
    signal: options.signal,
    ...(options.context ? { env: { ...options.context.env, HOME: options.context.home } } : {}),
  });
  if (!result) return undefined;
  if (result.code !== 0) {
    const why = result.stderr.trim().split('\n').at(-1) ?? '';
    throw new SshError('bad-config', `ssh does not take this destination or its configuration: ${why}`);
  }
  return sshConfigOf(host, parseSshG(result.stdout), (options.context ?? processContext()).localUser);
};

const viaFiles = async (text: string, options: ResolveOptions): Promise<SshConfig> => {
  const context = options.context ?? processContext();
  const { host, user, port } = parseSshTarget(text);
  const files = options.configFile
    ? [options.configFile]
    : [`${context.home}/.ssh/config`, '/etc/ssh/ssh_config'];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const found = await parseConfigFiles(texts, host, options.args ?? [], `${context.home}/.ssh`);
  const config = sshConfigOf(host, found, context.localUser);
  return { ...config, user: user ?? config.user, port: port ?? config.port };
};

/**
 * What the user's own ssh_config(5) says of a destination: OpenSSH is asked (`ssh -G`, which knows every Match and
 * Include) where it is installed, a parser otherwise.
 *
 * @throws SshError `bad-target`, `bad-config`, `aborted`
 */
export const resolveSshConfig = async (target: string, options: ResolveOptions): Promise<SshConfig> => {
  try {
    const asked = options.sshProgram === false ? undefined : await viaSsh(target, options);
    return asked ?? (await viaFiles(target, options));
  } catch (thrown) {
    if (thrown instanceof SshError) throw thrown;
    if (options.signal.aborted) throw abortReason(options.signal.reason);
    throw new SshError('bad-config', 'The SSH configuration could not be read; try: ssh -G <host>', {
      cause: thrown,
    });
  }
};
