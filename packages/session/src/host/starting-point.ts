import { SessionError } from '../errors.ts';
import type { StartingPoint } from './attachment.ts';
import type { Mark } from './marks.ts';
import type { HostPane } from './pane.ts';

/**
 * Where a client that comes back begins: at its mark if the ring still has all from there; else with a snapshot
 * of the screen; a pane without a screen begins with its first byte or not at all, since its output must be whole.
 * @throws SessionError `not-found` when output is lost that no snapshot can stand for
 */
export function startingPoint(pane: HostPane, mark: Mark | undefined): StartingPoint {
  const place = mark ? placeIn(mark, pane.id) : pane.size ? 'snapshot' : { stdout: 0, stderr: 0 };
  const kept =
    place !== 'snapshot' && place.stdout >= pane.stdout.start && place.stderr >= (pane.stderr?.start ?? 0);
  if (kept) return place;
  if (pane.size) return 'snapshot';
  throw new SessionError('not-found', `Pane ${pane.id} runs, but its earlier output is no longer kept`);
}

/** A pane that came after the mark is replayed from its beginning. */
function placeIn({ places, nextId }: Mark, paneId: number): StartingPoint {
  const beginning = { stdout: 0, stderr: 0 };
  return places.get(paneId) ?? (paneId >= nextId ? beginning : 'snapshot');
}
