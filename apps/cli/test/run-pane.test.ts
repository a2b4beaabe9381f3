import { SessionError } from '@ouro/session';
import { describe, expect, it } from 'vitest';
import { CliError } from '../src/errors.ts';
import { Disconnected, noInput, readTyping } from '../src/session/input.ts';
import { type PaneEnds, runPane } from '../src/session/run-pane.ts';
import { EscapeParser } from '../src/terminal/escape.ts';
import { FakePane } from './support/fake-pane.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (chunks: Uint8Array[]) => new TextDecoder().decode(Buffer.concat(chunks));

async function* from(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield bytes(chunk);
}

/** An input that says something and then nothing for ever. */
async function* open(...chunks: string[]): AsyncGenerator<Uint8Array> {
  yield* from(...chunks);
  await new Promise<never>(() => undefined);
}

function ends(input: AsyncIterable<Uint8Array>) {
  const out: Uint8Array[] = [];
  const error: Uint8Array[] = [];
  const sinks: PaneEnds = {
    input,
    stdout: async (chunk) => void out.push(chunk),
    stderr: async (chunk) => void error.push(chunk),
  };
  return { sinks, out, error };
}

const never = () => ({ signal: new AbortController().signal });

describe('a pane that is run', () => {
  it('gets the input and its end, and gives both outputs and the exit status', async () => {
    const pane = new FakePane();
    const { sinks, out, error } = ends(from('in', 'put'));
    const running = runPane(pane, sinks, never());
    await pane.ended;
    pane.say('out', 'put');
    pane.complain('wrong');
    pane.exit({ code: 3, signal: null });
    expect(await running).toEqual({ code: 3, signal: null });
    expect(text(pane.written)).toBe('input');
    expect(text(out)).toBe('output');
    expect(text(error)).toBe('wrong');
    expect(pane.detached).toBe(true);
  });

  it('ends with its command though the input goes on', async () => {
    const pane = new FakePane();
    const running = runPane(pane, ends(open('x')).sinks, never());
    pane.exit({ code: 0, signal: null });
    expect(await running).toEqual({ code: 0, signal: null });
  });

  it('does not fail because the command takes no more input', async () => {
    const pane = new FakePane();
    pane.refuseInput(new SessionError('closed', 'It has ended'));
    const running = runPane(pane, ends(from('x')).sinks, never());
    pane.exit({ code: 9, signal: null });
    expect(await running).toEqual({ code: 9, signal: null });
  });

  it('reads no more output than is taken', async () => {
    const pane = new FakePane();
    const gate = Promise.withResolvers<void>();
    const { sinks } = ends(noInput());
    const running = runPane(pane, { ...sinks, stdout: () => gate.promise }, never());
    pane.say('1', '2', '3');
    await pane.ended;
    expect(pane.taken).toBe(1);
    gate.resolve();
    pane.exit({ code: 0, signal: null });
    await running;
    expect(pane.taken).toBe(3);
  });

  it('fails with the loss of the connection', async () => {
    const pane = new FakePane();
    const running = runPane(pane, ends(open()).sinks, never());
    pane.lose(new SessionError('lost', 'Gone'));
    await expect(running).rejects.toMatchObject({ code: 'lost' });
    expect(pane.detached).toBe(true);
  });

  it('fails when its output cannot be written', async () => {
    const pane = new FakePane();
    const { sinks } = ends(open());
    const closed = new CliError('output-closed', 'Nobody reads');
    const running = runPane(pane, { ...sinks, stdout: () => Promise.reject(closed) }, never());
    pane.say('x');
    await expect(running).rejects.toBe(closed);
    expect(pane.detached).toBe(true);
  });

  it('stops with the reason of its signal, though an output hangs', async () => {
    const pane = new FakePane();
    const { sinks } = ends(open());
    const controller = new AbortController();
    const hanging = { ...sinks, stdout: () => new Promise<never>(() => undefined) };
    const running = runPane(pane, hanging, { signal: controller.signal });
    pane.say('x');
    controller.abort(new SessionError('aborted', 'Enough'));
    await expect(running).rejects.toMatchObject({ code: 'aborted' });
    expect(pane.detached).toBe(true);
  });

  it('is left by the escape sequence, after what was typed before', async () => {
    const pane = new FakePane();
    const typing = readTyping(open('ls\r~.rm\r'), new EscapeParser(0x7e), {
      suspend: () => undefined,
      status: () => undefined,
      help: () => undefined,
    });
    await expect(runPane(pane, ends(typing).sinks, never())).rejects.toBeInstanceOf(Disconnected);
    expect(text(pane.written)).toBe('ls\r');
  });
});
