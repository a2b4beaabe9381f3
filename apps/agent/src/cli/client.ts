import type { Context } from './context.ts';

const open = async (context: Context) => {
  const { FileAuthorizer, Fingerprint } = await import('@ouro/fingerprint');
  return {
    file: new FileAuthorizer(context.paths().authorized),
    parse: (text: string) => Fingerprint.parse(text),
  };
};

/** `client add`: from the next offer on, these certificates may connect. @throws FingerprintError */
export async function addClients(context: Context, words: readonly string[]): Promise<number> {
  const { ensurePrivateDir } = await import('../base/files.ts');
  const { readClients } = await import('./client-words.ts');
  const clients = readClients(words);
  await ensurePrivateDir(context.paths().configDir);
  const { file } = await open(context);
  for (const { fingerprint, label } of clients) {
    const isNew = await file.add(fingerprint, label);
    const who = clients.length === 1 ? 'The client' : `${fingerprint.compact.slice(0, 16)}…`;
    context.output.line(isNew ? `${who} may connect now` : `${who} could connect already`);
  }
  return 0;
}

/** `client list` @throws FingerprintError */
export async function listClients(context: Context, options: { json?: boolean }): Promise<number> {
  const { file } = await open(context);
  const clients = (await file.list()).map(({ fingerprint, label }) => ({
    fingerprint: fingerprint.compact,
    label: label ?? null,
  }));
  if (options.json === true) {
    context.output.line(JSON.stringify(clients));
    return 0;
  }
  for (const { fingerprint, label } of clients)
    context.output.line(`${fingerprint}  ${label ?? ''}`.trimEnd());
  if (clients.length === 0)
    context.output.note('No client may connect over HTTP; let one in with: ouro-agent client add');
  return 0;
}

/** `client remove`: by fingerprint, or by a label that only one has. @throws FingerprintError, AgentError `bad-input` */
export async function removeClient(context: Context, name: string): Promise<number> {
  const { AgentError } = await import('../base/errors.ts');
  const { file, parse } = await open(context);
  const labelled = (await file.list()).filter(({ label }) => label === name);
  if (labelled.length > 1) {
    throw new AgentError(
      'bad-input',
      `${labelled.length} clients are called ${name}; give the fingerprint instead`,
    );
  }
  const removed = await file.remove(labelled[0]?.fingerprint ?? parse(name));
  if (!removed) throw new AgentError('bad-input', 'No such client; see them with: ouro-agent client list');
  context.output.line('The client may connect no more; a session it has goes on until it ends');
  return 0;
}
