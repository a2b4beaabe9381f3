import { SignalingError } from '../errors.ts';
import type { Signal } from '../signal.ts';
import { signalFromJson } from './json-signal.ts';
import { JsonTextSplitter, type JsonTextSplitterOptions } from './json-text-splitter.ts';

/** The signals of a stream of bytes that carries JSON texts, split or joined at any byte. */
export class JsonTextDecoder {
  readonly #splitter: JsonTextSplitter;

  constructor(options?: JsonTextSplitterOptions) {
    this.#splitter = new JsonTextSplitter(options);
  }

  /**
   * The signals that this chunk completes, in order. When one of them is bad, none of the chunk is given.
   * @throws SignalingError `bad-message`, `bad-candidate`, `oversize`
   */
  push(chunk: Uint8Array): Signal[] {
    return this.#splitter.push(chunk).map(signalFromText);
  }

  /** The stream has ended; never holds a signal back. @throws SignalingError `bad-message` within a text */
  end(): Signal[] {
    this.#splitter.end();
    return [];
  }
}

/** One JSON text as a signal. @throws SignalingError `bad-message`, `bad-candidate`, `oversize` */
function signalFromText(text: string): Signal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes the text, which may hold an ICE password.
    throw new SignalingError('bad-message', 'The other end sent a message that is not JSON');
  }
  return signalFromJson(value);
}
