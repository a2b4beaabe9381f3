/** The value below which `share` (0-1) of the values lie; the nearest one, no interpolation. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values) => quantile(values, 0.5);

/** Rounded to three significant places, for people and for small diffs of the result file. */
export const round = (value) => (Number.isFinite(value) ? Number(value.toPrecision(3)) : null);
