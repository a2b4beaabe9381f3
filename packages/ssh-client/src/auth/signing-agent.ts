import type { Abortable } from '@ouro/signaling';
import type { BaseAgent, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';
import type { SshPrompt } from '../prompt.ts';
import type { SignAtOnce } from './fast-login.ts';
import type { Identities, Identity } from './key-ring.ts';
import type { Ssh2 } from './ssh2.ts';

const publicKeyOf = (identity: Identity): ParsedKey | undefined =>
  identity.kind === 'agent' ? identity.publicKey : identity.file.publicKey;

const signWith = (key: ParsedKey, data: Buffer, options: SigningRequestOptions): Buffer => {
  const signature: Buffer | Error = key.sign(data, options.hash);
  if (signature instanceof Error) throw signature;
  return signature;
};

/**
 * Every key of the user as one ssh2 agent. ssh2 asks the host whether it takes a public key before it wants a
 * signature, so a passphrase is asked only for a key that the host takes.
 */
export const signingAgent = (
  ssh2: Ssh2,
  { list, agentSocket }: Identities,
  prompt: SshPrompt | undefined,
  abort: Abortable,
): { agent: BaseAgent; signAtOnce: SignAtOnce } => {
  const forward = agentSocket ? ssh2.createAgent(agentSocket) : undefined;

  const candidates = async (): Promise<ParsedKey[]> => {
    const keys: ParsedKey[] = [];
    for (const identity of list) {
      // A key of an old format hides its public part too: there is no way but to ask first.
      const key =
        publicKeyOf(identity) ??
        (identity.kind === 'file' ? await identity.file.unlock(prompt, abort) : undefined);
      if (key) keys.push(key);
    }
    return keys;
  };

  const isOf = (identity: Identity, key: ParsedKey): boolean => {
    const own = publicKeyOf(identity);
    return own !== undefined && Buffer.compare(own.getPublicSSH(), key.getPublicSSH()) === 0;
  };

  const signed = async (key: ParsedKey, data: Buffer, options: SigningRequestOptions): Promise<Buffer> => {
    const identity = list.find((candidate) => isOf(candidate, key));
    if (identity?.kind === 'agent' && forward) {
      return new Promise((resolve, reject) =>
        forward.sign(key, data, options, (error, signature) =>
          error || !signature ? reject(error ?? new Error('no signature')) : resolve(Buffer.from(signature)),
        ),
      );
    }
    const unlocked = identity?.kind === 'file' ? await identity.file.unlock(prompt, abort) : key;
    if (!unlocked) throw new Error('the key stayed locked');
    return signWith(unlocked, data, options);
  };

  class SigningAgent extends ssh2.BaseAgent<ParsedKey> {
    override getIdentities(done: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
      candidates().then(
        (keys) => done(undefined, keys),
        (thrown: unknown) => done(thrown instanceof Error ? thrown : new Error('no keys')),
      );
    }

    override sign(
      key: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      callback?: SignCallback,
    ): void {
      const done = typeof options === 'function' ? options : callback;
      signed(key, data, typeof options === 'function' ? {} : options).then(
        (signature) => done?.(undefined, signature),
        (thrown: unknown) => done?.(thrown instanceof Error ? thrown : new Error('no signature')),
      );
    }
  }
  // A key of the agent may ask its user (ssh-add -c): the only one there is will be wanted, one of many may not.
  const signAtOnce: SignAtOnce = (key) => {
    const identity = list.find((candidate) => isOf(candidate, key));
    const isFree = identity?.kind === 'file' ? !identity.file.locked : list.length === 1;
    return isFree ? (data, hash) => signed(key, data, hash === undefined ? {} : { hash }) : undefined;
  };
  return { agent: new SigningAgent(), signAtOnce };
};
