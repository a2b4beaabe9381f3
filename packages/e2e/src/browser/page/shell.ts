import type { Pane } from '@ouro/session/client';
import { WhipError } from '@ouro/transport-whip/client';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { bulkBytes, sha256 } from '../bulk.ts';
import {
  type Connection,
  connect,
  disconnect,
  ownFingerprint,
  type Path,
  pathInUse,
  restart,
} from './connection.ts';
import { joinTerminal } from './terminal-pane.ts';

/** What a command gave for what it was given. */
export interface BulkResult {
  /** SHA-256 of the input, in hex. */
  readonly input: string;
  /** SHA-256 of the output, in hex. */
  readonly output: string;
  /** The output, as far as it fits on a line. */
  readonly text: string;
  readonly outputBytes: number;
  readonly code: number | null;
}

/** The colours of the page around it, and sixteen that can be read on them. */
const THEME = {
  background: '#14171c',
  foreground: '#d8dee7',
  cursor: '#6fb3a8',
  cursorAccent: '#14171c',
  selectionBackground: '#3a4656',
  black: '#2a303a',
  red: '#e0716b',
  green: '#8cbf73',
  yellow: '#d9b063',
  blue: '#6a9fd8',
  magenta: '#b98ad0',
  cyan: '#6fb3a8',
  white: '#c9d0da',
  brightBlack: '#6b7686',
  brightRed: '#f0908a',
  brightGreen: '#a9d893',
  brightYellow: '#ecc981',
  brightBlue: '#8dbbee',
  brightMagenta: '#d0a8e4',
  brightCyan: '#8fd0c5',
  brightWhite: '#f2f5f9',
};

const byId = <Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind => {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The document has no ${kind.name} ${id}`);
};

/** A terminal on a far machine, as a page. */
class ShellPage {
  readonly #url = byId('url', HTMLInputElement);
  readonly #pane = byId('pane', HTMLInputElement);
  readonly #go = byId('go', HTMLButtonElement);
  readonly #leave = byId('leave', HTMLButtonElement);
  readonly #state = byId('state', HTMLOutputElement);
  readonly #error = byId('error', HTMLParagraphElement);
  readonly #terminal = new Terminal({
    fontFamily: '"DejaVu Sans Mono", monospace',
    fontSize: 14,
    lineHeight: 1.1,
    theme: THEME,
  });
  readonly #trickle: boolean;
  #connection: Connection | undefined;

  constructor(query: URLSearchParams) {
    this.#url.value = query.get('agent') ?? '';
    this.#pane.value = query.get('pane') ?? '';
    this.#trickle = query.get('trickle') !== 'no';
    const fit = new FitAddon();
    this.#terminal.loadAddon(fit);
    this.#terminal.open(byId('terminal', HTMLElement));
    fit.fit();
    new ResizeObserver(() => fit.fit()).observe(byId('terminal', HTMLElement));
    byId('connect', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#run(() => this.#connect());
    });
    this.#leave.addEventListener('click', () => this.#run(() => this.#disconnect()));
  }

  /** The compact fingerprint of this page. */
  async fingerprint(): Promise<string> {
    return (await ownFingerprint()).compact;
  }

  /** How large the terminal is. */
  size(): { rows: number; cols: number } {
    const { rows, cols } = this.#terminal;
    return { rows, cols };
  }

  /** All that the terminal holds, line for line. */
  text(): string {
    const { active } = this.#terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, row) =>
      active.getLine(row)?.translateToString(true),
    );
    return lines.join('\n').trimEnd();
  }

  /** Looks for another path. */
  restart(): Promise<void> {
    return restart(this.#connected(), { signal: AbortSignal.timeout(60_000) });
  }

  /** The path in use. */
  path(): Promise<Path> {
    return pathInUse(this.#connected());
  }

  /** Runs a command without a terminal, gives it bytes, and says what came out. */
  async bulk(command: string[], inputBytes: number, seed: number): Promise<BulkResult> {
    const signal = AbortSignal.timeout(100_000);
    const pane = await this.#connected().session.addPane({ command }, { signal });
    const given = bulkBytes(inputBytes, seed);
    const feed = async (): Promise<void> => {
      await pane.write(given, { signal });
      await pane.end({ signal });
    };
    const [output] = await Promise.all([collect(pane), feed()]);
    return {
      input: await sha256(given),
      output: await sha256(output),
      text: new TextDecoder().decode(output.subarray(0, 80)),
      outputBytes: output.length,
      code: (await pane.exited).code,
    };
  }

  #run(act: () => Promise<void>): void {
    this.#error.hidden = true;
    act().catch((thrown: unknown) => {
      this.#error.textContent = explain(thrown);
      this.#error.hidden = false;
      this.#show(false, 'Not connected');
    });
  }

  async #connect(): Promise<void> {
    this.#go.hidden = true;
    this.#connection = await connect({
      url: this.#url.value,
      trickle: this.#trickle,
      signal: new AbortController().signal,
      onPhase: (phase) => this.#show(false, `Connecting: ${phase}`),
      onResize: (_, { rows, cols }) => this.#terminal.resize(cols, rows),
    });
    const { session, negotiated } = this.#connection;
    const pane = await this.#attach();
    this.#pane.value = String(pane.id);
    this.#show(true, `Pane ${pane.id} of ${negotiated.remoteFingerprint.compact.slice(0, 16)}…`);
    this.#terminal.focus();
    session.closed.then(() => this.#show(false, 'Not connected'));
    this.#run(async () => {
      const end = await joinTerminal(pane, this.#terminal);
      this.#state.value = end;
      this.#pane.value = '';
    });
  }

  /** A new shell, or the pane that was asked for. */
  #attach(): Promise<Pane> {
    const { session } = this.#connected();
    const { signal } = new AbortController();
    const id = this.#pane.valueAsNumber;
    if (!Number.isNaN(id)) return session.reconnectPane(id, { signal });
    return session.addPane({ command: ['*'], size: this.size() }, { signal });
  }

  #connected(): Connection {
    if (this.#connection === undefined) throw new Error('Not connected');
    return this.#connection;
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) await disconnect(connection);
    this.#show(false, 'Not connected');
  }

  #show(connected: boolean, state: string): void {
    this.#go.hidden = connected;
    this.#leave.hidden = !connected;
    this.#state.value = state;
  }
}

/** What went wrong, and, when the host does not know this page, what is to be done there. */
function explain(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (!(thrown instanceof WhipError) || thrown.fingerprint === undefined) return text;
  return `${text}\nOn the host: ouro-agent client add ${thrown.fingerprint} browser`;
}

async function collect(pane: Pane): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for await (const bytes of pane.stdout) parts.push(bytes);
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

declare global {
  interface Window {
    shell: ShellPage;
  }
}

window.shell = new ShellPage(new URLSearchParams(location.search));

export type { ShellPage };
