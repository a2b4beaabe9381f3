import type { Pane } from '@ouro/session/client';
import type { Terminal } from '@xterm/xterm';

/** Joins a pane and a terminal until the pane's process ends, and tells how it did. @throws SessionError */
export async function joinTerminal(pane: Pane, terminal: Terminal): Promise<string> {
  const over = new AbortController();
  const { signal } = over;
  const input = new Input(pane, signal);
  const listeners = [
    terminal.onData((text) => input.write(new TextEncoder().encode(text))),
    terminal.onBinary((text) => input.write(Uint8Array.from(text, (character) => character.charCodeAt(0)))),
    terminal.onResize((size) => input.do(() => pane.resize(size, { signal }))),
  ];
  try {
    for await (const bytes of pane.stdout) await shown(terminal, bytes);
    const { code, signal: killed } = await pane.exited;
    return killed === null ? `The shell ended with code ${code}` : `The shell was ended by ${killed}`;
  } finally {
    over.abort();
    for (const listener of listeners) listener.dispose();
  }
}

/** What goes to the pane, one after the other. What fails because the pane has ended is told by its end. */
class Input {
  readonly #pane: Pane;
  readonly #signal: AbortSignal;
  #last: Promise<void> = Promise.resolve();

  constructor(pane: Pane, signal: AbortSignal) {
    this.#pane = pane;
    this.#signal = signal;
  }

  write(bytes: Uint8Array): void {
    this.do(() => this.#pane.write(bytes, { signal: this.#signal }));
  }

  do(act: () => Promise<void>): void {
    this.#last = this.#last.then(act).catch(() => undefined);
  }
}

/** Resolves when the terminal has drawn the bytes: output that is faster waits in the channel. */
function shown(terminal: Terminal, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => terminal.write(bytes, resolve));
}
