import { setTimeout as delay } from 'node:timers/promises';
import type { ExitStatus } from '../exit-status.ts';
import { STATUS_PING_EVERY_MS, STATUS_PINGS } from '../path/constants.ts';
import { describeStatus, type PathStatus } from '../path/path-status.ts';
import { writeNow } from '../report/error-output.ts';
import type { Connection } from './connection.ts';

/** Measures a connection for a second and prints how it stands. @throws the reason of its loss */
export async function reportStatus(
  { peer, lost }: Connection,
  path: { status(): PathStatus },
  form: 'text' | 'json',
): Promise<ExitStatus> {
  for (let i = 0; i < STATUS_PINGS; i += 1) {
    lost.throwIfAborted();
    await peer.measureRtt({ timeoutMs: 1000 });
    path.status();
    await delay(STATUS_PING_EVERY_MS);
  }
  const status = path.status();
  const text = form === 'json' ? JSON.stringify(status) : describeStatus(status).join('\n');
  writeNow(1, `${text}\n`);
  return { code: 0, signal: null };
}
