import { hostname, userInfo } from 'node:os';
import { FingerprintError } from '@ouro/fingerprint/fingerprint';
import { SessionError } from '@ouro/session';
import { SignalingError, type SignalingErrorCode } from '@ouro/signaling';
import { CliError, UntrustedCertificate } from './errors.ts';
import type { Target } from './target.ts';

/** What is known when something fails, to say more than the error can. */
export interface FailureContext {
  readonly target?: Target;
  /** Failures whose own words say more than the texts here. */
  readonly ownWords?: ReadonlySet<SignalingErrorCode>;
  /** This client's own fingerprint, compact form. */
  readonly fingerprint?: string;
  /** Time that was allowed for connecting, in milliseconds. */
  readonly timeoutMs?: number;
  /** What was being waited for, in words. */
  readonly waitingFor?: string;
  /** Who a host should note as the owner of the fingerprint: `user@hostname`. */
  readonly label?: string;
  /** Whether the host was met before and must show what it showed then. */
  readonly pinned?: boolean;
  /** The command line that brings back the pane that may go on at the host. */
  readonly comeBack?: string;
}

/** A failure as it is shown and as the program's exit code. */
export interface Failure {
  readonly code: string;
  readonly exit: number;
  /** What happened, why, and what to do next. */
  readonly text: string;
}

/** `user@hostname` of this process, for the label of its fingerprint on a host. */
export function ownLabel(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** Any thrown thing as what the user reads and the program's exit code. */
export function describeFailure(thrown: unknown, context: FailureContext): Failure {
  if (thrown instanceof CliError)
    return { code: thrown.code, exit: thrown.exit, text: sentence(thrown.message) };
  if (thrown instanceof FingerprintError) {
    return { code: thrown.code, exit: thrown.edge.exit, text: thrown.message };
  }
  if (thrown instanceof SessionError) {
    return { code: thrown.code, exit: thrown.edge.exit, text: sessionText(thrown, context) };
  }
  if (isSshError(thrown))
    return { code: thrown.code, exit: thrown.edge.exit, text: sentence(thrown.message) };
  const error = SignalingError.from(thrown);
  return { code: error.code, exit: error.edge.exit, text: signalingText(error, context) };
}

/** By its form, not its class: the code of SSH is loaded only where a connection goes by it. */
function isSshError(thrown: unknown): thrown is Error & { code: string; edge: { exit: number } } {
  return thrown instanceof Error && thrown.name === 'SshError' && 'code' in thrown && 'edge' in thrown;
}

function sessionText(error: SessionError, context: FailureContext): string {
  if (error.code === 'lost' || error.code === 'truncated') return lostText(context);
  if (error.code === 'timeout')
    return `${nameOf(context)} is connected but does not answer. Try again, or restart its agent.`;
  return sentence(error.message);
}

type Describe = (context: FailureContext, error: SignalingError) => string;

const SIGNALING_TEXTS: Partial<Record<SignalingErrorCode, Describe>> = {
  'unknown-host': (context, error) =>
    context.fingerprint === undefined
      ? `${sentence(error.message)} See ouro help connect.`
      : `The name ${hostName(context)} is not known to the network. Check how it is spelt, and that this machine is online.`,
  refused: (context) =>
    `Nothing listens at ${nameOf(context)}: the connection was refused. Start the agent there with: ouro-agent start`,
  unauthorized: unauthorizedText,
  timeout: timeoutText,
  'fingerprint-mismatch': mismatchText,
  'not-found': (context) =>
    `${nameOf(context)} answers, but there is no agent at ${pathOf(context)}. Check the address and port of the agent.`,
  'ice-failed': (_context, error) => sentence(error.message),
  lost: lostText,
  'bad-message': protocolText,
  'bad-sdp': protocolText,
  'bad-candidate': protocolText,
  'unsupported-media-type': protocolText,
  unprocessable: protocolText,
  aborted: () => 'Cancelled.',
  closed: (context) =>
    `${nameOf(context)} closed the connection. Try again, or look into the agent's log there.`,
};

function signalingText(error: SignalingError, context: FailureContext): string {
  if (context.ownWords?.has(error.code)) return sentence(error.message);
  return SIGNALING_TEXTS[error.code]?.(context, error) ?? sentence(error.message);
}

function unauthorizedText({ fingerprint, label, ...context }: FailureContext): string {
  const command = `ouro-agent client add ${fingerprint ?? '<fingerprint>'} ${label ?? ownLabel()}`;
  return `${nameOf(context)} does not know this client and lets nobody in whom it does not know. Run this on the host, then try again:\n\n  ${command}\n`;
}

function timeoutText({ timeoutMs, waitingFor, ...context }: FailureContext): string {
  const limit = timeoutMs === undefined ? 'time' : `${timeoutMs / 1000} s`;
  const step = waitingFor === undefined ? '' : ` (it was at: ${waitingFor})`;
  return `No connection with ${nameOf(context)} within ${limit}${step}. The host may be down, or a firewall drops the packets. Check it, or allow more with --timeout.`;
}

function mismatchText(context: FailureContext, error: SignalingError): string {
  const { target, pinned } = context;
  if (error instanceof UntrustedCertificate) return untrustedText(error, context);
  if (pinned !== true) return sentence(error.message);
  const forget = target === undefined ? '' : `\n\n  ouro forget ${target.typed}\n`;
  return `THE IDENTITY OF ${nameOf(context)} IS NOT THE ONE EXPECTED. ${sentence(error.message)} Somebody may be in between, or the host was set up anew. Nothing was run there. If you know why it changed, forget the old identity and connect again:${forget}`;
}

/** How to pin the certificate, and how to know that it is the right one. */
function untrustedText({ message, fingerprint }: UntrustedCertificate, { target }: FailureContext): string {
  if (fingerprint === undefined || target === undefined) return sentence(message);
  return `${sentence(message)} It has the SHA-256 fingerprint ${fingerprint}. Compare it on the host, where this prints it: openssl x509 -noout -fingerprint -sha256 -in <its tls_cert>. If they are the same, connect with it; it is remembered:\n\n  ouro --tls-pin ${fingerprint} ${target.typed}\n`;
}

function lostText(context: FailureContext, error?: Error): string {
  const { comeBack } = context;
  const again = comeBack === undefined ? '' : ` If the agent still runs, come back with: ${comeBack}`;
  if (isGivenUp(error))
    return `The connection with ${nameOf(context)} was lost: its agent does not know it any more. It was given up while this client was stopped or away, or the agent was started anew.${again}`;
  return `The connection with ${nameOf(context)} was lost: it no longer answers. Its agent may have ended, or the network failed.${again}`;
}

/** The agent answers, and does not know the connection any more. */
function isGivenUp(error: Error | undefined): boolean {
  return error?.cause instanceof SignalingError && error.cause.code === 'not-found';
}

function protocolText(context: FailureContext, error: SignalingError): string {
  return `${nameOf(context)} does not speak as an Ouro agent does. ${sentence(error.message)} Check the address, and that both ends have the same version of Ouro.`;
}

function nameOf({ target }: FailureContext): string {
  return target === undefined ? 'The host' : target.name;
}

function hostName({ target }: FailureContext): string {
  if (target === undefined) return 'of the host';
  return target.host;
}

function pathOf({ target }: FailureContext): string {
  return target?.path ?? 'that place';
}

function sentence(text: string): string {
  return /[.!?]\s*$/.test(text) ? text : `${text}.`;
}
