import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { GCM, MASTER_SECRET_BYTES, VERIFY_DATA_BYTES } from './constants.ts';

/** What one direction encrypts with. */
export interface WriteKeys {
  readonly key: KeyObject;
  /** The implicit part of the nonce (RFC 5288 section 3). */
  readonly iv: Buffer;
}

export interface SessionKeys {
  readonly client: WriteKeys;
  readonly server: WriteKeys;
}

/** P_SHA256 (RFC 5246 section 5). `length` in bytes. */
export function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'ascii'), seed]);
  const blocks: Buffer[] = [];
  let a = labelled;
  for (let have = 0; have < length; have += 32) {
    a = createHmac('sha256', secret).update(a).digest();
    blocks.push(createHmac('sha256', secret).update(a).update(labelled).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** RFC 7627 section 4: bound to the whole handshake up to the ClientKeyExchange. */
export function extendedMasterSecret(preMasterSecret: Buffer, transcript: Buffer): Buffer {
  return prf(preMasterSecret, 'extended master secret', sha256(transcript), MASTER_SECRET_BYTES);
}

/** RFC 5246 section 6.3. */
export function sessionKeys(masterSecret: Buffer, clientRandom: Buffer, serverRandom: Buffer): SessionKeys {
  const length = 2 * (GCM.key + GCM.implicitNonce);
  const block = prf(masterSecret, 'key expansion', Buffer.concat([serverRandom, clientRandom]), length);
  const ivs = block.subarray(2 * GCM.key);
  return {
    client: {
      key: createSecretKey(block.subarray(0, GCM.key)),
      iv: ivs.subarray(0, GCM.implicitNonce),
    },
    server: {
      key: createSecretKey(block.subarray(GCM.key, 2 * GCM.key)),
      iv: ivs.subarray(GCM.implicitNonce),
    },
  };
}

/** The verify_data of a Finished (RFC 5246 section 7.4.9). */
export function verifyData(masterSecret: Buffer, sender: 'client' | 'server', transcript: Buffer): Buffer {
  return prf(masterSecret, `${sender} finished`, sha256(transcript), VERIFY_DATA_BYTES);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
