import { PROTOCOL, protocolMismatch } from '@ouro/session';
import type { Session } from '@ouro/session/client';
import type { Reporter } from '../report/reporter.ts';

/**
 * Says in one line that this client and the agent may misunderstand each other, once the agent has said what it is.
 * An agent of another make, which does not say, is none to complain of. Never throws.
 */
export async function tellMismatch(
  session: Pick<Session, 'remote'>,
  version: string,
  reporter: Pick<Reporter, 'notice'>,
): Promise<void> {
  const remote = await session.remote;
  const mismatch = remote && protocolMismatch({ version, protocol: PROTOCOL }, remote);
  if (mismatch?.matters) reporter.notice(mismatch.line);
}
