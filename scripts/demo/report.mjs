/** Turns the client's JSON events into lines for a person; what else it writes for the terminal goes through as it is. */
export class Report {
  #isTerminal;
  #write;
  #rest = Buffer.alloc(0);
  #phases = [];
  #pair;

  /** `write` takes text or bytes for the person. */
  constructor(isTerminal, write) {
    this.#isTerminal = isTerminal;
    this.#write = write;
  }

  take(chunk) {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length > 0) {
      const end = this.#rest.indexOf('\n') + 1;
      const isEvent = this.#rest[0] === '{'.charCodeAt(0);
      if (isEvent && end === 0) return;
      const piece = this.#rest.subarray(0, end === 0 ? undefined : end);
      this.#rest = this.#rest.subarray(piece.length);
      if (!isEvent || !this.#tell(piece)) this.#write(piece);
    }
  }

  #tell(line) {
    let event;
    try {
      event = JSON.parse(line.toString());
    } catch {
      return false;
    }
    if (event.event === 'phase') this.#phases.push(event);
    if (event.event === 'connected') this.#pair = event.pair;
    if (event.event === 'notice' || event.event === 'error') this.#line(event.text);
    // Before the shell says its first byte on a terminal; after it where it cannot be in the way.
    if (event.event === (this.#isTerminal ? 'connected' : 'first-byte')) this.#line(this.#summary());
    return true;
  }

  #summary() {
    const phases = this.#phases.map(({ phase, ms }) => `${phase} ${ms.toFixed(0)}`).join(', ');
    const total = this.#phases.at(-1)?.at ?? 0;
    return `Connected over ${describe(this.#pair)}, signalled over WHIP, in ${total.toFixed(0)} ms (${phases})`;
  }

  /** The terminal may be raw by now. */
  #line(text) {
    this.#write(`${text}${this.#isTerminal ? '\r' : ''}\n`);
  }
}

function describe(pair) {
  if (pair === undefined || pair === null) return 'WebRTC';
  const { local, remote } = pair;
  return `WebRTC on ${local.protocol} from ${local.address}:${local.port} to ${remote.address}:${remote.port}`;
}
