import { homedir } from 'node:os';
import { join } from 'node:path';
import { Identity } from '@ouro/fingerprint';
import { MAX_CONFIG_BYTES } from '../base/constants.ts';
import { ensurePrivateDir, readTextFile, writePrivateFile } from '../base/files.ts';
import { importWebexec } from '../config/import-webexec.ts';
import { CONFIG_TEMPLATE } from '../config/template.ts';
import type { Context } from './context.ts';

/** `init`: makes config, identity and directories where there are none; what is there stays. @throws AgentError, FingerprintError */
export async function init(context: Context, options: { fromWebexec?: boolean | string }): Promise<number> {
  const { output } = context;
  const paths = context.paths();
  for (const dir of [paths.configDir, paths.stateDir, paths.runtimeDir]) await ensurePrivateDir(dir);
  const { fromWebexec } = options;
  if (fromWebexec !== undefined && fromWebexec !== false) {
    const source = typeof fromWebexec === 'string' ? fromWebexec : join(homedir(), '.config/webexec');
    for (const note of await importWebexec(source, paths)) output.note(note);
  }
  const identity = await Identity.loadOrCreate(paths.identity);
  if ((await readTextFile(paths.config, MAX_CONFIG_BYTES)) === undefined) {
    await writePrivateFile(paths.config, CONFIG_TEMPLATE);
  }
  output.line(`fingerprint  ${identity.fingerprint.compact}`);
  output.line(`config       ${paths.config}`);
  output.note('Start the agent with: ouro-agent start');
  output.note(
    'Let a client in with: ouro-agent client add <fingerprint> [label]   (on the client: ouro fingerprint)',
  );
  return 0;
}
