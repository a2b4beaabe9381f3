/** The steps of a connection, in their usual order. `start` is this program's own start-up. */
export type PhaseName =
  | 'start'
  | 'ssh'
  | 'agent'
  | 'gathering'
  | 'signaling'
  | 'ice'
  | 'dtls'
  | 'channel'
  | 'first-byte';

/** The phases for a person, in words that stand after "waiting for" or at the head of a table. */
export const PHASE_TEXTS: Readonly<Record<PhaseName, string>> = {
  start: 'program start',
  ssh: 'SSH login',
  agent: 'agent',
  gathering: 'gathering',
  signaling: 'signaling',
  ice: 'ICE',
  dtls: 'DTLS',
  channel: 'channel',
  'first-byte': 'first byte',
};

/** A phase that is over. */
export interface PhaseRecord {
  readonly phase: PhaseName;
  /** Its length in milliseconds. */
  readonly ms: number;
  /** Its end, in milliseconds after the start of the program. */
  readonly at: number;
}

/** A monotonic clock in milliseconds whose zero is the start of the program. */
export type Clock = () => number;

/** Measures the phases of one connection: each ends where the next begins. */
export class Timeline {
  readonly #clock: Clock;
  readonly #listener: (record: PhaseRecord) => void;
  readonly #records: PhaseRecord[] = [];
  #current: PhaseName | undefined = 'start';
  #since = 0;

  constructor(clock: Clock, listener: (record: PhaseRecord) => void = () => undefined) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** The phase that runs; undefined after the last. */
  get current(): PhaseName | undefined {
    return this.#current;
  }

  /** The phases that are over, in order. */
  get records(): readonly PhaseRecord[] {
    return this.#records;
  }

  /** Ends the running phase and begins the next. Naming the running phase again changes nothing. */
  enter(phase: PhaseName): void {
    if (phase === this.#current) return;
    this.#finish();
    this.#current = phase;
  }

  /** Ends the last phase. Twice is once. */
  end(): void {
    this.#finish();
    this.#current = undefined;
  }

  #finish(): void {
    const at = this.#clock();
    const phase = this.#current;
    const ms = at - this.#since;
    this.#since = at;
    if (phase === undefined) return;
    const record = { phase, ms, at };
    this.#records.push(record);
    this.#listener(record);
  }
}
