import { join } from 'node:path';
import { say } from '../bootstrap/step.mjs';
import { start } from './process.mjs';

/**
 * Runs the client against an address: a shell on a terminal, else `uname -a`.
 * @returns its exit code
 */
export async function connect(root, address, env, { signal }) {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const command = isTerminal ? [] : ['--', 'uname', '-a'];
  const { child, ended } = start(
    join(root, 'apps/cli/bin/ouro.mjs'),
    ['connect', '--json', address, ...command],
    {
      env,
      stdio: [isTerminal ? 'inherit' : 'ignore', 'inherit', 'pipe'],
    },
  );
  const report = new Report(isTerminal);
  child.stderr.on('data', (chunk) => report.take(chunk));
  const kill = () => child.kill('SIGTERM');
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const code = await ended;
  signal.removeEventListener('abort', kill);
  return code;
}

/** Turns the client's JSON events into lines for a person; what else it writes for the terminal goes through as it is. */
class Report {
  #isTerminal;
  #rest = Buffer.alloc(0);
  #phases = [];
  #pair;

  constructor(isTerminal) {
    this.#isTerminal = isTerminal;
  }

  take(chunk) {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length > 0) {
      const end = this.#rest.indexOf('\n') + 1;
      const isEvent = this.#rest[0] === '{'.charCodeAt(0);
      if (isEvent && end === 0) return;
      const piece = this.#rest.subarray(0, end === 0 ? undefined : end);
      this.#rest = this.#rest.subarray(piece.length);
      if (!isEvent || !this.#tell(piece)) process.stderr.write(piece);
    }
  }

  #tell(line) {
    let event;
    try {
      event = JSON.parse(line.toString());
    } catch {
      return false;
    }
    if (event.event === 'phase') this.#phases.push(event);
    if (event.event === 'connected') this.#pair = event.pair;
    if (event.event === 'notice' || event.event === 'error') this.#line(event.text);
    // Before the shell says its first byte on a terminal; after it where it cannot be in the way.
    if (event.event === (this.#isTerminal ? 'connected' : 'first-byte')) this.#line(this.#summary());
    return true;
  }

  #summary() {
    const phases = this.#phases.map(({ phase, ms }) => `${phase} ${ms.toFixed(0)}`).join(', ');
    const total = this.#phases.at(-1)?.at ?? 0;
    return `Connected over ${describe(this.#pair)}, signalled over WHIP, in ${total.toFixed(0)} ms (${phases})`;
  }

  /** The terminal may be raw by now. */
  #line(text) {
    say(this.#isTerminal ? `${text}\r` : text);
  }
}

function describe(pair) {
  if (pair === undefined || pair === null) return 'WebRTC';
  const { local, remote } = pair;
  return `WebRTC on ${local.protocol} from ${local.address}:${local.port} to ${remote.address}:${remote.port}`;
}
