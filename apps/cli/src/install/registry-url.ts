/** Reads the URL of a package registry; it ends in a slash. Undefined when it is none of http(s). */
export function parseRegistry(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined;
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** A registry's URL as it may be shown or handed to a host: undefined when it holds a password. */
export const openRegistry = (url: URL): string | undefined =>
  url.username === '' && url.password === '' ? url.href : undefined;
