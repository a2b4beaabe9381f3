import { connect } from 'node:tls';
import { systemCode } from '@ouro/base/node';
import { Fingerprint } from '@ouro/fingerprint/fingerprint';
import { tlsFetch } from '@ouro/transport-whip/node';
import { TLS_PROBE_TIMEOUT_MS } from '../constants.ts';
import { UntrustedCertificate } from '../errors.ts';

/** How OpenSSL and Node name what is wrong with a certificate. */
const UNTRUSTED = /CERT|SELF_SIGNED|SIGNATURE|HOSTNAME_MISMATCH|UNABLE_TO_(?:GET|VERIFY)/;

/**
 * A `fetch` for `https://` that trusts the authorities of the system, or the one certificate `pin`.
 * It throws `UntrustedCertificate` for a server that shows one which is not trusted; nothing was sent to it then.
 */
export function httpsFetch(pin: Fingerprint | undefined): typeof fetch {
  const trusting = tlsFetch(pin === undefined ? {} : { pin });
  if (pin !== undefined) return trusting;
  return async (input, init) => {
    try {
      return await trusting(input, init);
    } catch (error) {
      if (!UNTRUSTED.test(systemCode(error) ?? '')) throw error;
      const url = new URL(input instanceof Request ? input.url : input);
      throw new UntrustedCertificate(url.host, await shownBy(url), error);
    }
  };
}

/** The fingerprint of the certificate that a server shows, compact form; nothing is sent to it. */
function shownBy(url: URL): Promise<string | undefined> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  const socket = connect({
    host,
    port: Number(url.port) || 443,
    rejectUnauthorized: false,
    ...serverName(host),
  });
  socket.setTimeout(TLS_PROBE_TIMEOUT_MS, () => socket.destroy());
  socket.once('secureConnect', () => {
    resolve(socket.getPeerX509Certificate()?.raw);
    socket.destroy();
  });
  socket.on('error', () => undefined).once('close', () => resolve(undefined));
  return promise.then(async (der) =>
    der === undefined ? undefined : (await Fingerprint.fromDer(der)).compact,
  );
}

/** RFC 6066 section 3: names only. */
const serverName = (host: string): { servername?: string } =>
  /^[\d.]+$|:/.test(host) ? {} : { servername: host };
