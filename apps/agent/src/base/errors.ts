import { systemCode } from '@ouro/base/node';
import { ERROR_EDGES, SignalingError } from '@ouro/signaling';

/** What can go wrong with the agent itself, and the exit code of each, after sysexits(3). */
export const AGENT_EXIT_CODES = {
  /** The command line makes no sense. */
  usage: 64,
  /** Input given to a command (a fingerprint, text to copy) cannot be used. */
  'bad-input': 65,
  /** A file the command needs is not there. */
  'no-input': 66,
  /** No agent runs, or it went away. */
  'not-running': ERROR_EDGES.unavailable.exit,
  /** Another agent runs already. */
  'already-running': ERROR_EDGES['too-many'].exit,
  /** No client is connected that could do it. */
  'no-client': ERROR_EDGES.unavailable.exit,
  /** The agent's port is another program's. */
  'port-taken': ERROR_EDGES.refused.exit,
  /** A failure inside the agent. */
  internal: ERROR_EDGES.internal.exit,
  /** The system refused: no process, no terminal, no disk space. */
  system: 71,
  /** A file or directory could not be made. */
  'cannot-create': 73,
  /** It did not answer in time. */
  timeout: ERROR_EDGES.timeout.exit,
  /** The other end of the agent's socket broke its protocol. */
  'bad-message': ERROR_EDGES['bad-message'].exit,
  /** A line on the agent's socket was over its cap. */
  oversize: ERROR_EDGES.oversize.exit,
  /** A file's owner or mode makes it unsafe, or the system forbids it. */
  permission: ERROR_EDGES.unauthorized.exit,
  /** The config is wrong. */
  config: 78,
  /** Cancelled. */
  aborted: ERROR_EDGES.aborted.exit,
} as const;

/** The closed set of codes. */
export type AgentErrorCode = keyof typeof AGENT_EXIT_CODES;

/** Any failure of the agent that is not one of the conversation between two peers. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether a text is one of the codes. */
export const isAgentErrorCode = (text: string): text is AgentErrorCode =>
  Object.hasOwn(AGENT_EXIT_CODES, text);

/** The exit code for any thrown thing: that of its own table, where it has one. */
export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof AgentError) return AGENT_EXIT_CODES[thrown.code];
  const edge: unknown = thrown instanceof Error && 'edge' in thrown ? thrown.edge : undefined;
  const exit: unknown = typeof edge === 'object' && edge !== null && 'exit' in edge ? edge.exit : undefined;
  return typeof exit === 'number' ? exit : SignalingError.from(thrown).edge.exit;
}

/** Why the system refused, for a message: its code. */
export const reasonOf = (thrown: unknown): string => systemCode(thrown) ?? 'no reason given';
