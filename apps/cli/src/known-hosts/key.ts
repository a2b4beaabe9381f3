import type { Target } from '../target.ts';

/** The path that most agents serve; it is left out of their names. */
const USUAL_PATH = '/offer';

/** The name under which a target is kept: two agents behind one address differ by port or path. */
export function keyOf(target: Target): string {
  if (target.road === 'ssh') {
    return `ssh://${target.user === undefined ? '' : `${target.user}@`}${target.host.toLowerCase()}`;
  }
  const { origin, pathname } = target.url;
  return pathname === USUAL_PATH ? origin : `${origin}${pathname}`;
}

/** The machine's own name in a target, lower case. */
export function hostOf(target: Target): string {
  return (target.road === 'ssh' ? target.host : target.url.hostname.replace(/^\[|\]$/g, '')).toLowerCase();
}
