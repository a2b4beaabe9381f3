import type { ExitStatus } from '@ouro/session';
import type { Pane } from '@ouro/session/client';

/** Chunks for one reader, that ends or fails when it is told. */
class Feed implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #over: { error?: Error } | undefined;
  #wake = Promise.withResolvers<void>();
  taken = 0;

  push(...texts: string[]): void {
    this.#chunks.push(...texts.map((text) => new TextEncoder().encode(text)));
    this.#wake.resolve();
  }

  end(error?: Error): void {
    this.#over ??= error === undefined ? {} : { error };
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.taken += 1;
        yield chunk;
      } else if (this.#over?.error !== undefined) throw this.#over.error;
      else if (this.#over !== undefined) return;
      else {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers<void>();
      }
    }
  }
}

/** The far end of a pane, played by a test. */
export class FakePane implements Pane {
  readonly id = 1;
  readonly stdout = new Feed();
  readonly stderr = new Feed();
  readonly written: Uint8Array[] = [];
  readonly #exited = Promise.withResolvers<ExitStatus>();
  readonly #ended = Promise.withResolvers<void>();
  readonly exited = this.#exited.promise;
  /** Resolves when the input has ended. */
  readonly ended = this.#ended.promise;
  detached = false;
  #refusal: Error | undefined;

  constructor() {
    this.exited.catch(() => undefined);
  }

  /** Chunks of output that were read. */
  get taken(): number {
    return this.stdout.taken;
  }

  say(...texts: string[]): void {
    this.stdout.push(...texts);
  }

  complain(...texts: string[]): void {
    this.stderr.push(...texts);
  }

  exit(status: ExitStatus): void {
    this.#exited.resolve(status);
    this.stdout.end();
    this.stderr.end();
  }

  lose(error: Error): void {
    this.#exited.reject(error);
    this.stdout.end(error);
    this.stderr.end(error);
  }

  refuseInput(error: Error): void {
    this.#refusal = error;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#refusal !== undefined) throw this.#refusal;
    this.written.push(bytes);
  }

  async end(): Promise<void> {
    this.#ended.resolve();
  }

  async resize(): Promise<void> {}
  async kill(): Promise<void> {}

  async detach(): Promise<void> {
    this.detached = true;
  }
}
