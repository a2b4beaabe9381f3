import { closeSync, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { KEPT_LOGS, MAX_LOG_BYTES } from '../base/constants.ts';
import { AgentError, reasonOf } from '../base/errors.ts';

/** A log file that is moved aside when it grows over its cap: `name`, `name.1`, … It fits pino as a destination. */
export class LogFile implements Disposable {
  readonly path: string;
  readonly #maxBytes: number;
  #fd: number;
  #size: number;

  /** Opens or makes it, 0600. @throws AgentError `config` */
  constructor(path: string, maxBytes: number = MAX_LOG_BYTES) {
    this.path = path;
    this.#maxBytes = maxBytes;
    [this.#fd, this.#size] = openLog(path);
  }

  /** Appends a line. A full disk or a file that was taken away never stops the agent: the line is lost. */
  write(line: string): void {
    try {
      if (this.#size > 0 && this.#size + line.length > this.#maxBytes) this.#rotate();
      this.#size += writeSync(this.#fd, line);
    } catch {
      // There is no other place to tell it.
    }
  }

  #rotate(): void {
    closeSync(this.#fd);
    for (let number = KEPT_LOGS; number > 0; number -= 1) {
      const from = number === 1 ? this.path : `${this.path}.${number - 1}`;
      try {
        renameSync(from, `${this.path}.${number}`);
      } catch {
        // There are fewer old ones so far.
      }
    }
    [this.#fd, this.#size] = openLog(this.path);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

const openLog = (path: string): [fd: number, size: number] => {
  try {
    const fd = openSync(path, 'a', 0o600);
    return [fd, fstatSync(fd).size];
  } catch (cause) {
    throw new AgentError(
      'config',
      `Cannot write the log ${path} (${reasonOf(cause)}); see [log] in agent.toml`,
      { cause },
    );
  }
};

/** Opens what the daemon writes when it crashes; one that has grown over its cap starts anew. @throws AgentError `config` */
export function openCrashLog(path: string): number {
  const [fd, size] = openLog(path);
  if (size > MAX_LOG_BYTES) ftruncateSync(fd);
  return fd;
}
