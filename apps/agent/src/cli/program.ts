import { Command } from 'commander';
import type { Context } from './context.ts';
import { DAEMON_COMMAND, RESTARTER_COMMAND } from './hidden-commands.ts';

/** Told the exit code of the command that ran. */
export type Done = (exitCode: number) => void;

const EPILOG = `
Files:
  config       $XDG_CONFIG_HOME/ouro  (~/.config/ouro): agent.toml, identity.pem, authorized_fingerprints
  logs         $XDG_STATE_HOME/ouro   (~/.local/state/ouro)
  socket, pid  $XDG_RUNTIME_DIR/ouro  (~/.local/run/ouro)

Exit codes, after sysexits: 0 done, 64 usage, 65 bad input, 66 nothing to read, 69 no agent or no client,
70 internal, 71 system, 73 cannot create, 75 timeout or busy, 76 protocol, 77 permission, 78 config, 130 cancelled.
`;

/** The command line. Each command loads its own code, so that the light ones start fast. */
export function createProgram(context: Context, done: Done): Command {
  const program = new Command('ouro-agent');
  program
    .description('The agent of Ouro: owns the terminals of this host and hands them out over WebRTC.')
    .version(`ouro-agent ${context.version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('(see: ouro-agent --help)')
    .addHelpText('after', EPILOG)
    .exitOverride();
  addSetUp(program, context, done);
  addLifecycle(program, context, done);
  addClients(program, context, done);
  addClipboard(program, context, done);
  addTransports(program, context, done);
  return program;
}

function addSetUp(program: Command, context: Context, done: Done): void {
  program
    .command('init')
    .description('make the config, the identity and the directories; what is there stays')
    .option(
      '--from-webexec [dir]',
      "take over webexec's identity, clients and config (default: ~/.config/webexec)",
    )
    .action(async (options: { fromWebexec?: boolean | string }) =>
      done(await (await import('./init.ts')).init(context, options)),
    );
  program
    .command('version')
    .description('print the version and what it runs on')
    .action(() => {
      context.output.line(
        `ouro-agent ${context.version}, node ${process.versions.node}, ${process.platform}-${process.arch}`,
      );
      done(0);
    });
  program
    .command('service')
    .description('print a systemd user unit that runs this agent')
    .action(async () => done(await (await import('./service.ts')).service(context)));
}

function addLifecycle(program: Command, context: Context, done: Done): void {
  program
    .command('start')
    .description('start the agent in the background and wait until it is ready')
    .option('-f, --foreground', 'stay in the foreground; prints "listening on URL" when ready')
    .action(async (options: { foreground?: boolean }) =>
      done(await (await import('./start.ts')).start(context, options)),
    );
  program
    .command('stop')
    .description('stop the agent; the programs in its panes get SIGHUP')
    .option('--force', 'kill it if it does not answer')
    .action(async (options: { force?: boolean }) =>
      done(await (await import('./stop.ts')).stop(context, options)),
    );
  program
    .command('restart')
    .description('stop the agent, with its panes, and start it again')
    .option('--force', 'kill it if it does not answer')
    .action(async (options: { force?: boolean }) =>
      done(await (await import('./restart.ts')).restart(context, options)),
    );
  program
    .command('status')
    .description('tell version, fingerprint, address, peers and panes of the running agent')
    .option('--json', 'as one line of JSON')
    .action(async (options: { json?: boolean }) =>
      done(await (await import('./status.ts')).status(context, options)),
    );
  program
    .command(RESTARTER_COMMAND, { hidden: true })
    .option('--force')
    .action(async (options: { force?: boolean }) =>
      done(await (await import('./restart.ts')).restarter(context, options)),
    );
  program
    .command(DAEMON_COMMAND, { hidden: true })
    .action(async () => done(await (await import('./daemon.ts')).daemon(context)));
}

function addClients(program: Command, context: Context, done: Done): void {
  const client = program.command('client').description('who may connect without SSH: add, list, remove');
  client
    .command('add')
    .argument('<fingerprint>', "of the client's certificate; the client prints it with: ouro fingerprint")
    .argument('[label or fingerprint...]', 'what to call it; each further fingerprint is one more client')
    .description('let clients in')
    .action(async (first: string, more: string[]) =>
      done(await (await import('./client.ts')).addClients(context, [first, ...more])),
    );
  client
    .command('list')
    .description('list the clients that may connect')
    .option('--json', 'as one line of JSON')
    .action(async (options: { json?: boolean }) =>
      done(await (await import('./client.ts')).listClients(context, options)),
    );
  client
    .command('remove')
    .argument('<fingerprint or label>', 'as list prints it')
    .description('let a client in no more')
    .action(async (name: string) => done(await (await import('./client.ts')).removeClient(context, name)));
}

function addClipboard(program: Command, context: Context, done: Done): void {
  program
    .command('copy')
    .description('put standard input on the clipboard of the client used last')
    .action(async () => done(await (await import('./clipboard.ts')).copy(context, process.stdin)));
  program
    .command('paste')
    .description('print the clipboard of the client used last')
    .action(async () =>
      done(await (await import('./clipboard.ts')).paste(context, (text) => void process.stdout.write(text))),
    );
}

function addTransports(program: Command, context: Context, done: Done): void {
  program
    .command('accept')
    .description('connect a client over this SSH session (run by clients); starts the agent if none runs')
    .action(async () => {
      const { runAccept } = await import('./accept.ts');
      done(await runAccept(context, { input: process.stdin, output: process.stdout }));
    });
}
