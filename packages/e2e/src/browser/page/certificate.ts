const DATABASE = 'ouro';
const STORE = 'certificates';
const OWN = 'own';
/** A certificate is replaced when it has less than this left, in ms: a host would then have to let in a new one. */
const RENEW_BEFORE_MS = 24 * 3600 * 1000;
/** The longest that a browser takes (webrtc-pc, `expires` of generateCertificate), in ms. */
const LIFETIME_MS = 365 * 24 * 3600 * 1000;

interface Parameters extends EcKeyGenParams {
  readonly expires: number;
}

const ECDSA_P256: Parameters = { name: 'ECDSA', namedCurve: 'P-256', expires: LIFETIME_MS };

/**
 * The certificate of this page's origin, the same after a reload: made once and kept in IndexedDB, where its key cannot
 * be read. Tabs that open at the same time agree on one.
 */
export async function ownCertificate(now = Date.now()): Promise<RTCCertificate> {
  return navigator.locks.request(`${DATABASE}/${STORE}/${OWN}`, async () => {
    const database = await open();
    try {
      const kept: unknown = await result(database.transaction(STORE).objectStore(STORE).get(OWN));
      if (kept instanceof RTCCertificate && kept.expires > now + RENEW_BEFORE_MS) return kept;
      const made = await RTCPeerConnection.generateCertificate(ECDSA_P256);
      await result(database.transaction(STORE, 'readwrite').objectStore(STORE).put(made, OWN));
      return made;
    } finally {
      database.close();
    }
  });
}

function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE));
  return result(opening);
}

function result<Value>(request: IDBRequest<Value>): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  request.addEventListener('success', () => resolve(request.result));
  request.addEventListener('error', () => reject(request.error));
  return promise;
}
