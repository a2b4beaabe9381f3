/**
 * A login as OpenSSH has it: ssh_config, known hosts, keys and agents, jumps, channels.
 *
 * @packageDocumentation
 */
export { type ExpandContext, expandTokens, processContext } from './config/expand.ts';
export { type ResolveOptions, resolveSshConfig } from './config/resolve.ts';
export type { SshConfig, StrictHostKeyChecking } from './config/ssh-config.ts';
export { parseSshTarget, type SshTarget } from './config/target.ts';
export { type ConnectOptions, connectSsh, type WaitingFor } from './connection/connect.ts';
export type {
  ChannelOptions,
  ExitStatus,
  PtyRequest,
  SshChannel,
  SshConnection,
  SshSignal,
  TerminalSize,
} from './connection/connection.ts';
export {
  channelFromChild,
  openSshProgram,
  SshProgramConnection,
  type SshProgramOptions,
} from './connection/ssh-program.ts';
export { SSH_ERROR_EDGES, SshError, type SshErrorCode, type SshErrorEdge } from './errors.ts';
export { printable, type SshPrompt, type SshQuestion } from './prompt.ts';
