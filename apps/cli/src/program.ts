import type { Identity } from '@ouro/fingerprint';
import { parseCommandLine } from './command-line.ts';
import { describeFailure } from './failure.ts';
import { loadIceServers } from './ice-servers.ts';
import type { Invocation } from './invocation.ts';
import { type Paths, pathsOf } from './paths.ts';
import { ErrorOutput, writeNow } from './report/error-output.ts';
import { JsonReporter } from './report/json.ts';
import type { Reporter } from './report/reporter.ts';
import { TextReporter } from './report/text.ts';
import { Signalled } from './session/signals.ts';

/** EX_SOFTWARE of sysexits(3). */
const EXIT_CRASH = 70;

async function loadIdentity({ identity }: Paths): Promise<Identity> {
  const { Identity } = await import('@ouro/fingerprint');
  return Identity.loadOrCreate(identity, { commonName: 'ouro' });
}

async function forget(invocation: Invocation & { action: 'forget' }, paths: Paths): Promise<number> {
  const { KnownHosts } = await import('./known-hosts/store.ts');
  const known = await new KnownHosts(paths.knownHosts).forget(invocation.target);
  const name = invocation.target.name;
  writeNow(1, known ? `${name} is forgotten.\n` : `${name} was not known.\n`);
  return known ? 0 : 1;
}

async function printFingerprint(paths: Paths): Promise<number> {
  writeNow(1, `${(await loadIdentity(paths)).fingerprint.compact}\n`);
  return 0;
}

function print(text: string): number {
  writeNow(1, text);
  return 0;
}

/** Says what went wrong and leaves; the terminal is brought back by the exit handlers. */
function exitOnCrash(reporter: () => Reporter, errorOutput: ErrorOutput): void {
  const crashed = (error: unknown) => {
    errorOutput.endQuestions();
    reporter().error(describeFailure(error, {}));
    process.exit(EXIT_CRASH);
  };
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', crashed);
}

/**
 * The whole program but its exit.
 * @returns the exit code
 */
export async function main(args: readonly string[], version: string): Promise<number> {
  const errorOutput = new ErrorOutput();
  const show = (line: string) => errorOutput.print(line);
  let reporter: Reporter = new TextReporter(show, { verbose: false, quiet: false });
  exitOnCrash(() => reporter, errorOutput);
  try {
    const invocation = parseCommandLine(args, version);
    const paths = pathsOf(process.env);
    if (invocation.action === 'print') return print(invocation.text);
    if (invocation.action === 'fingerprint') return await printFingerprint(paths);
    if (invocation.action === 'forget') return await forget(invocation, paths);
    if (invocation.action === 'install') {
      const { runInstall } = await import('./install/run-install.ts');
      return await runInstall({ ...invocation, cache: paths.cache, errorOutput });
    }
    reporter = invocation.report.json ? new JsonReporter(show) : new TextReporter(show, invocation.report);
    const { runConnect } = await import('./session/run-connect.ts');
    const identity = loadIdentity(paths);
    const iceServers = loadIceServers({
      config: paths.config,
      urls: invocation.iceServers,
      notice: (text) => reporter.notice(text),
    });
    // Whoever awaits it sees its failure; one that fails before does not.
    iceServers.catch(() => undefined);
    return await runConnect(invocation, {
      identity,
      iceServers,
      knownHosts: paths.knownHosts,
      reporter,
      errorOutput,
      version,
    });
  } catch (error) {
    if (error instanceof Signalled) return error.exit;
    const failure = describeFailure(error, {});
    reporter.error(failure);
    return failure.exit;
  }
}
