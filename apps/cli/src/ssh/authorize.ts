import type { Identity } from '@ouro/fingerprint';
import type { Abortable } from '@ouro/signaling';
import type { SshConnection, SshPrompt } from '@ouro/ssh-client';
import { agentCommand } from '@ouro/transport-ssh';
import { ownLabel } from '../failure.ts';

/** Longest wait for the agent to note a client, in ms. */
const AUTHORIZE_TIMEOUT_MS = 5_000;

/** What an authorization needs. */
export interface AuthorizeOptions extends Abortable {
  readonly identity: Identity;
  readonly host: string;
  /** Asks once where there is somebody to ask; who wrote `--authorize` in a script is not asked. */
  readonly prompt: SshPrompt | undefined;
}

/**
 * Has the host's agent let this client in by other transports from now on, over the login that is open.
 * @returns what to tell the user
 */
export async function authorize(connection: SshConnection, options: AuthorizeOptions): Promise<string> {
  const { identity, host, prompt, signal } = options;
  const { compact } = identity.fingerprint;
  const text = `Let ${compact} (this client) connect with ${host} without SSH from now on? (yes/no) `;
  const answer =
    prompt === undefined ? 'yes' : await prompt({ kind: 'host-key', echo: true, text }, { signal });
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) return 'this client was not added to the host';
  const limit = AbortSignal.any([signal, AbortSignal.timeout(AUTHORIZE_TIMEOUT_MS)]);
  const label = ownLabel().replace(/[^A-Za-z0-9@._-]/g, '-');
  const channel = await connection.exec(agentCommand(['client', 'add', compact, label], ['ouro-agent']), {
    signal: limit,
  });
  channel.discardStderr();
  for await (const _ of channel.readable);
  const { code } = await channel.exited;
  if (code === 0) return `${host} lets this client in by http(s) too from now on`;
  return `${host} could not note this client (exit status ${code ?? 'unknown'}); run there: ouro-agent client add ${compact}`;
}
