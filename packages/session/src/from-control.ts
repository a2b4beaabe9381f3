import { ControlError, type ControlErrorCode } from '@ouro/control';
import { SessionError, type SessionErrorCode } from './errors.ts';

const CODES = {
  nack: 'refused',
  timeout: 'timeout',
  closed: 'lost',
  'bad-message': 'bad-message',
  oversize: 'oversize',
  busy: 'busy',
  aborted: 'aborted',
} as const satisfies Record<ControlErrorCode, SessionErrorCode>;

const texts = (who: string, said: string): Record<ControlErrorCode, string> => ({
  nack: `${who} refused: ${said || 'it gave no reason'}`,
  timeout: `${who} did not answer in time: try again, or look whether the connection is still alive`,
  closed: `The connection was lost before ${who.toLowerCase()} answered`,
  'bad-message': said,
  oversize: said,
  busy: said,
  aborted: 'It was cancelled',
});

/** A failure of the control channel as the session's own. */
export function toSessionError(thrown: unknown, who: string): SessionError {
  if (thrown instanceof SessionError) return thrown;
  const error = ControlError.from(thrown);
  return new SessionError(CODES[error.code], texts(who, error.message)[error.code], { cause: error });
}
