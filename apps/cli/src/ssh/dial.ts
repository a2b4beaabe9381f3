import type { Signaler } from '@ouro/signaling';
import type { SshConfig, SshPrompt } from '@ouro/ssh-client';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../constants.ts';
import type { ConnectInvocation } from '../invocation.ts';
import type { Target } from '../target.ts';
import type { Dialed, DialOptions, PlainSession } from '../transport.ts';
import { parseLogin, type SshLogin } from './account.ts';
import { asConfigured, describeBeside } from './as-configured.ts';
import { authorize } from './authorize.ts';
import { type LoggedIn, login } from './login.ts';
import { plainPanes, sentEnvironment } from './plain-pane.ts';
import { runSshProgram } from './ssh-program.ts';
import { ttyPrompt } from './tty-prompt.ts';

/** How long the host's agent may take to say READY over a connection that stands, in ms: a person waits 3 s for a prompt. */
const READY_MS = 3_000;

/** Why SSH goes on alone, in a few words; the rest is worded by the failure itself. */
const WHY_PLAIN: Readonly<Record<string, (host: string) => string>> = {
  'not-found': (host) => `${host} has no agent (ouro install ${host} puts one there)`,
  'ice-failed': (host) => `WebRTC found no way to ${host} (a firewall may be in the way)`,
  timeout: (host) => `the agent of ${host} did not answer in time`,
};

/**
 * Logs in by SSH and has the host's agent accept over it. The login can go on as a plain session, whatever becomes of
 * the conversation.
 * @throws SshError, the reason of `ending` or of `interrupt`
 */
export async function dialSsh(target: Target, options: DialOptions): Promise<Dialed> {
  const { invocation } = options;
  const { plain, program } = invocation.ssh;
  const account = parseLogin(target.address);
  if (plain && program !== undefined) return programOnly(account, options);
  options.timeline.enter('ssh');
  const prompt = ttyPrompt({
    draw: (text) => options.errorOutput.draw(text),
    quiet: () => options.errorOutput.keepOff(),
    interrupt: options.interrupt,
  });
  const loggedIn = await logIn(account, prompt, options);
  try {
    const dialed = dialedBy(loggedIn, account, prompt, options);
    return plain ? dialed : { ...dialed, ...(await converse(loggedIn, options)) };
  } catch (thrown) {
    await loggedIn.connection.close();
    throw options.signal.aborted ? options.signal.reason : thrown;
  }
}

async function logIn(
  account: SshLogin,
  prompt: SshPrompt | undefined,
  { invocation, screen, reporter, signal }: DialOptions,
): Promise<LoggedIn> {
  try {
    return await login({
      target: account,
      ssh: invocation.ssh,
      prompt,
      onBanner: (text) => screen.banner(text.trimEnd()),
      onNotice: (text) => reporter.notice(text),
      onWaitingFor: (who) => screen.waitFor(who),
      signal,
    });
  } catch (thrown) {
    // What ^C at a prompt broke is not what the user wants to read.
    throw signal.aborted ? signal.reason : thrown;
  }
}

/** Has the agent accept. It says READY in its own time: what is sent before waits for it. */
async function converse(
  { connection, user }: LoggedIn,
  { invocation, timeline, screen, signal }: DialOptions,
): Promise<{ signaler: Signaler; ready: NonNullable<Dialed['ready']> }> {
  const { program } = invocation.ssh;
  // The system's ssh asks its questions behind the exec, on a terminal that is its own until the login is through.
  screen.waitFor(program === undefined ? 'network' : 'user');
  const { acceptCommand, openSshChannel } = await import('@ouro/transport-ssh');
  timeline.enter('agent');
  const channel = await connection.exec(acceptCommand(), { signal });
  // For the system's ssh it holds the whole login.
  const timeoutMs = program === undefined ? READY_MS : DEFAULT_CONNECT_TIMEOUT_MS;
  const remote = { kind: 'login', user } as const;
  const pipe = openSshChannel(channel, { remote, signal, readyTimeoutMs: timeoutMs });
  return { signaler: pipe, ready: { wait: async (abort) => void (await pipe.ready(abort)), timeoutMs } };
}

function dialedBy(
  loggedIn: LoggedIn,
  account: SshLogin,
  prompt: SshPrompt | undefined,
  options: DialOptions,
): Dialed {
  const { connection, config } = loggedIn;
  const { invocation } = options;
  return {
    signaler: undefined,
    plain: plainSession(loggedIn, account, options),
    ...(config === undefined ? {} : { environment: sentEnvironment(config, process.env) }),
    ...(config === undefined ? {} : { invocation: configured(config, options) }),
    ...(invocation.ssh.authorize ? { connected: () => tellAuthorized(loggedIn, prompt, options) } : {}),
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** Fills in what the user's configuration says, and tells of it what is not done. */
function configured(config: SshConfig, { invocation, reporter }: DialOptions): ConnectInvocation {
  const beside = describeBeside(config);
  if (beside !== undefined) reporter.notice(beside);
  return asConfigured(invocation, config);
}

function plainSession(
  { connection }: LoggedIn,
  account: SshLogin,
  { invocation, ending }: DialOptions,
): PlainSession {
  const { program, iceTimeoutMs } = invocation.ssh;
  return {
    pathTimeoutMs: iceTimeoutMs,
    explain: ({ code, message }) =>
      `${WHY_PLAIN[code]?.(connection.host) ?? message.replace(/[.;]?\s*$/, '')}; this is plain SSH`,
    run: async (runPanes) => {
      if (program === undefined) return runPanes(plainPanes(connection), { status: ['this is plain SSH'] });
      await connection.close();
      return runSshProgram(invocation, account, ending);
    },
  };
}

/** The system's ssh does everything itself. */
function programOnly(account: SshLogin, { invocation, ending }: DialOptions): Dialed {
  return {
    signaler: undefined,
    plain: {
      pathTimeoutMs: 0,
      explain: ({ message }) => message,
      run: () => runSshProgram(invocation, account, ending),
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function tellAuthorized(
  { connection }: LoggedIn,
  prompt: SshPrompt | undefined,
  { invocation, identity, reporter, signal }: DialOptions,
): Promise<void> {
  const told = await authorize(connection, {
    identity: await identity,
    host: connection.host,
    prompt: invocation.terminal === 'never' ? undefined : prompt,
    signal,
  }).catch(
    (thrown: unknown) =>
      `this client could not be added to the host: ${thrown instanceof Error ? thrown.message : 'unknown failure'}`,
  );
  reporter.notice(told);
}
