import { homedir } from 'node:os';
import { type Paths, resolvePaths } from '../base/paths.ts';
import { type Output, processOutput } from './output.ts';

/** What every command gets. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly output: Output;
  /** Fires on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** How this very program is run again: node, its options, the script. */
  readonly self: readonly string[];
  /** @throws AgentError `config` */
  paths(): Paths;
}

/** The context of this process. */
export function processContext(version: string, signal: AbortSignal): Context {
  const script = process.argv[1] ?? '';
  return {
    env: process.env,
    version,
    output: processOutput(),
    signal,
    self: [process.execPath, ...process.execArgv, script],
    paths: () => resolvePaths(process.env, homedir()),
  };
}
