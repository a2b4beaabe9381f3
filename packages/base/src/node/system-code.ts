/** What the system says in `code` of its errors, such as `ENOENT`; undefined for anything else that was thrown. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
