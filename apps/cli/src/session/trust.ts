import { Fingerprint } from '@ouro/fingerprint/fingerprint';
import { SignalingError } from '@ouro/signaling';
import { CliError } from '../errors.ts';
import type { Knowledge, KnownHosts } from '../known-hosts/store.ts';
import type { Target } from '../target.ts';

/** Who the host may be, and what to do when it is met. */
export interface Trust {
  /** Whether the host was met before; known after `expected`. */
  readonly pinned: boolean;
  /** The only fingerprint the host may show; undefined = several, or any. @throws CliError `known-hosts` */
  expected(): Promise<Fingerprint | undefined>;
  /** The one TLS certificate that the host may show over https; undefined = what the system trusts. @throws CliError `known-hosts` */
  tlsPin(): Promise<Fingerprint | undefined>;
  /**
   * Judges the fingerprint of the certificate the host has proven to hold. `tlsPin`: remembered for a host that passes.
   * @throws SignalingError `fingerprint-mismatch`, CliError `known-hosts`
   */
  check(fingerprint: Fingerprint, tlsPin?: Fingerprint): Promise<void>;
  /** Notes whom the transport vouches for: a new identity replaces an old one, and the user is told. Never throws. */
  vouch(fingerprint: Fingerprint): Promise<void>;
}

/** What trust on first use needs. */
export interface TrustOptions {
  /** Opens the known hosts; called only if they matter. */
  readonly open: () => Promise<KnownHosts>;
  readonly now: () => Date;
  /** Tells the user. */
  readonly notice: (text: string) => void;
}

/** For a host on this very machine: its bytes pass through nobody else's hands. */
const trustAny: Trust = {
  pinned: false,
  expected: () => Promise.resolve(undefined),
  tlsPin: () => Promise.resolve(undefined),
  check: () => Promise.resolve(),
  vouch: () => Promise.resolve(),
};

/**
 * Trust on first use: a host met before must show the fingerprint it showed then, a new one is noted and the user told.
 * A target that nobody can be in between is not asked who it is.
 */
export function trustOf(target: Target, options: TrustOptions): Trust {
  return target.unasked === true ? trustAny : new FirstUse(target, options);
}

class FirstUse implements Trust {
  readonly #target: Target;
  readonly #options: TrustOptions;
  pinned = false;
  #opened: Promise<{ store: KnownHosts; known: Knowledge }> | undefined;

  constructor(target: Target, options: TrustOptions) {
    this.#target = target;
    this.#options = options;
  }

  async expected(): Promise<Fingerprint | undefined> {
    const { known } = await this.#open();
    this.pinned = known.kind === 'pinned';
    const [only, another] = known.kind === 'pinned' ? known.fingerprints : [];
    return only === undefined || another !== undefined ? undefined : Fingerprint.parse(only);
  }

  async tlsPin(): Promise<Fingerprint | undefined> {
    const pin = await (await this.#open()).store.tlsPin(this.#target);
    return pin === undefined ? undefined : Fingerprint.parse(pin);
  }

  async check(fingerprint: Fingerprint, tlsPin?: Fingerprint): Promise<void> {
    await this.#judge(fingerprint);
    if (tlsPin === undefined) return;
    const { store } = await this.#open();
    await store.pinTls(this.#target, tlsPin.compact, fingerprint.compact, this.#options.now());
  }

  async vouch(fingerprint: Fingerprint): Promise<void> {
    const { notice, now, open } = this.#options;
    try {
      const before = await (await open()).vouch(this.#target, fingerprint.compact, now());
      if (before === 'changed')
        notice('the agent of this host has a new identity; SSH vouches for it, and it is noted');
    } catch (thrown) {
      if (!(thrown instanceof CliError)) throw thrown;
      notice(thrown.message);
    }
  }

  async #judge(fingerprint: Fingerprint): Promise<void> {
    const { store, known } = await this.#open();
    if (known.kind === 'unknown') {
      await store.remember(this.#target, fingerprint.compact, this.#options.now());
      this.#options.notice(
        `this host is new here; its fingerprint ${fingerprint.compact} is noted and expected from now on`,
      );
      return;
    }
    if (known.fingerprints.some((each) => Fingerprint.parse(each).equals(fingerprint))) return;
    throw new SignalingError('fingerprint-mismatch', `It showed the fingerprint ${fingerprint.compact}`);
  }

  #open(): Promise<{ store: KnownHosts; known: Knowledge }> {
    this.#opened ??= this.#options
      .open()
      .then(async (store) => ({ store, known: await store.lookup(this.#target) }));
    return this.#opened;
  }
}
