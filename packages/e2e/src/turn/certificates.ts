import { join } from 'node:path';
import { must } from '../lab/run.ts';

/** A certificate authority and a server's certificate of it, as PEM files. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];

/** Makes an authority of its own in a directory, and a certificate for a server; `names` as in `DNS:host`, `IP:1.2.3.4`. */
export async function makeCertificates(directory: string, names: readonly string[]): Promise<Certificates> {
  const path = (name: string) => join(directory, name);
  const authority = path('authority.pem');
  const authorityKey = path('authority.key');
  const openssl = (...args: string[]) => must(['openssl', 'req', '-x509', ...NEW_KEY, ...args]);
  await openssl('-subj', '/CN=Lab authority', '-keyout', authorityKey, '-out', authority);
  const [certificate, key] = [path('server.pem'), path('server.key')];
  const alternative = `subjectAltName=${names.join(',')}`;
  await openssl(
    ...['-CA', authority, '-CAkey', authorityKey, '-subj', '/CN=server', '-addext', alternative],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-keyout', key, '-out', certificate],
  );
  return { authority, certificate, key };
}
