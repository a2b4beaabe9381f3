/** That of whoever runs the tests, whose settings and caches package managers use; but for what is meant for vitest. */
export function environment(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]): [string, string][] =>
    value === undefined || name === 'NODE_OPTIONS' ? [] : [[name, value]],
  );
  return Object.fromEntries(entries);
}
