export { type ExpandContext, expandTokens, processContext } from '../config/expand.ts';
export { type ResolveOptions, resolveSshConfig } from '../config/resolve.ts';
export type { SshConfig, StrictHostKeyChecking } from '../config/ssh-config.ts';
export { parseSshTarget, type SshTarget } from '../config/target.ts';
export { SSH_ERROR_EDGES, SshError, type SshErrorCode, type SshErrorEdge } from '../errors.ts';
export {
  type ByteDuplex,
  ClientPipe,
  type ClientPipeOptions,
  duplexFromStreams,
  openClientPipe,
} from '../pipe/index.ts';
export type { SshPrompt, SshQuestion } from '../prompt.ts';
export { acceptCommand, agentCommand } from './accept-command.ts';
export { type ConnectOptions, connectSsh, type WaitingFor } from './connect.ts';
export type {
  ChannelOptions,
  ExitStatus,
  PtyRequest,
  SshChannel,
  SshConnection,
  SshSignal,
  TerminalSize,
} from './connection.ts';
export { type DialChannelOptions, dialSshChannel, openSshChannel } from './dial.ts';
export {
  channelFromChild,
  openSshProgram,
  SshProgramConnection,
  type SshProgramOptions,
} from './ssh-program.ts';
