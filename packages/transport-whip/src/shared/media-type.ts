/**
 * `type/subtype` of a Content-Type header, lower case and without parameters (RFC 9110 section 8.3.1: both are
 * case-insensitive); undefined when the header is missing or empty.
 */
export function mediaType(header: string | null | undefined): string | undefined {
  const essence = (header ?? '').split(';', 1)[0]?.trim().toLowerCase();
  return essence === undefined || essence === '' ? undefined : essence;
}
