import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type TestHome, testHome } from './home.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** What a run of the program came to. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real program in a home of its own; its agent ends with the home. */
export interface TestProgram extends TestHome {
  readonly env: Record<string, string>;
  /** The command line of the program, for those that start it themselves. */
  readonly command: readonly [string, ...string[]];
  run(...args: string[]): Promise<Outcome>;
  /** Runs with this standard input. */
  feed(input: string, ...args: string[]): Promise<Outcome>;
  start(...args: string[]): ChildProcess;
  /** Starts it with more in its environment. */
  startWith(more: Record<string, string>, ...args: string[]): ChildProcess;
}

/** Sets it up; its HTTP takes any free port. */
export async function testProgram(): Promise<TestProgram> {
  const home = await testHome();
  await writeFile(home.paths.config, '[net]\nhttp_server = "127.0.0.1:0"\n', { mode: 0o600 });
  const env = { HOME: home.home, PATH: process.env.PATH ?? '', NO_COLOR: '1' };
  const command = [process.execPath, '--conditions=ouro-source', main] as const;
  const [node, ...rest] = command;
  const feed = (input: string, ...args: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const child = execFile(node, [...rest, ...args], { env }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  const run = (...args: string[]): Promise<Outcome> => feed('', ...args);
  return {
    ...home,
    env,
    command: [node, ...rest],
    run,
    feed,
    start: (...args) => spawn(node, [...rest, ...args], { env, stdio: 'pipe' }),
    startWith: (more, ...args) =>
      spawn(node, [...rest, ...args], { env: { ...env, ...more }, stdio: 'pipe' }),
    [Symbol.asyncDispose]: async () => {
      await run('stop', '--force');
      await home[Symbol.asyncDispose]();
    },
  };
}
