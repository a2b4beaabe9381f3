/** RFC 6761 section 6.3: a name under which nothing but this machine may be found. */
const NAME = /^(?:.+\.)?localhost\.?$/;
/** RFC 1122 section 3.2.1.3: all of 127/8. */
const IP_V4 = /^127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
/** RFC 4291 section 2.5.3, short and long. */
const IP_V6 = /^(?:::|(?:0{1,4}:){7})0{0,3}1$/;
/** RFC 4291 section 2.5.5.2: an IPv4 address within IPv6, as the system and as a URL writes it. */
const MAPPED = /^::ffff:(?:7f[0-9a-f]{2}:[0-9a-f]{1,4}|(127\..*))$/;

/**
 * Whether what goes to this address or host name never leaves this machine. Takes what `net`, `URL.hostname` (with its
 * brackets) and a configuration give, in any case; looks nothing up, so that a name of another zone is never loopback.
 */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const mapped = MAPPED.exec(plain);
  if (mapped !== null) return mapped[1] === undefined || IP_V4.test(mapped[1]);
  return NAME.test(plain) || IP_V4.test(plain) || IP_V6.test(plain);
}
