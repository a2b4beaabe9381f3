import type { Abortable } from '@ouro/signaling';
import type { AnyAuthMethod, BaseAgent, Prompt } from 'ssh2';
import type { SshConfig } from '../config/ssh-config.ts';
import { MAX_KEYBOARD_ROUNDS } from '../constants.ts';
import { printable, type SshPrompt } from '../prompt.ts';

/** What a login is tried with. */
export interface LoginOptions extends Abortable {
  readonly config: SshConfig;
  /** All keys as one agent; undefined = there are none. */
  readonly agent: BaseAgent | undefined;
  /** Undefined in batch mode: nothing is asked. */
  readonly prompt: SshPrompt | undefined;
}

/**
 * Which method is tried next. `left` are those the server still takes; null before it was ever asked.
 * With a key at hand the first word is that key, which saves the round trip of asking what is allowed.
 */
export class Login {
  readonly #options: LoginOptions;
  readonly #tries = new Map<string, number>();
  #cancelled = false;
  #rounds = 0;
  #offered: readonly string[] = [];

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** The methods the server named last, for the message of a failure. */
  get offered(): readonly string[] {
    return this.#offered;
  }

  /** The next method to try, or false when nothing is left. @throws what the prompt throws */
  async next(left: readonly string[] | null): Promise<AnyAuthMethod | false> {
    if (left) this.#offered = left;
    if (this.#cancelled || this.#options.signal.aborted) return false;
    const username = this.#options.config.user;
    if (this.#may('publickey', left, 1) && this.#options.agent) {
      return { type: 'agent', username, agent: this.#options.agent };
    }
    if (!left) return { type: 'none', username };
    return this.#asked(left, username);
  }

  async #asked(left: readonly string[], username: string): Promise<AnyAuthMethod | false> {
    const { config, prompt } = this.#options;
    const tries = config.numberOfPasswordPrompts;
    if (!prompt || config.batchMode) return false;
    if (config.kbdInteractiveAuthentication && this.#may('keyboard-interactive', left, tries)) {
      return this.#keyboard(username, prompt);
    }
    if (!config.passwordAuthentication || !this.#may('password', left, tries)) return false;
    const text = `${username}@${config.host}'s password: `;
    const password = await prompt({ kind: 'password', echo: false, text }, this.#options);
    return password === undefined ? false : { type: 'password', username, password };
  }

  /** Whether a method is allowed and not used up; counts the try. */
  #may(method: string, left: readonly string[] | null, tries: number): boolean {
    if (left && !left.includes(method)) return false;
    const made = this.#tries.get(method) ?? 0;
    if (made >= tries) return false;
    if (method === 'publickey' && !this.#options.agent) return false;
    this.#tries.set(method, made + 1);
    return true;
  }

  #keyboard(username: string, prompt: SshPrompt): AnyAuthMethod {
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (name, instructions, _language, prompts, finish) => {
        this.#answers(prompt, name, instructions, prompts).then(finish, () => {
          this.#cancelled = true;
          finish(prompts.map(() => ''));
        });
      },
    };
  }

  async #answers(
    prompt: SshPrompt,
    name: string,
    instructions: string,
    prompts: Prompt[],
  ): Promise<string[]> {
    const { user, host } = this.#options.config;
    const answers: string[] = [];
    if (++this.#rounds > MAX_KEYBOARD_ROUNDS) throw new Error('the server asks without end');
    const head = [name, instructions].map((text) => printable(text).trim()).filter((text) => text !== '');
    for (const [index, { prompt: text, echo }] of prompts.entries()) {
      const intro = index === 0 && head.length > 0 ? `${head.join('\n')}\n` : '';
      const question = {
        kind: 'keyboard-interactive',
        echo: echo === true,
        text: `${intro}(${user}@${host}) ${printable(text)}`,
      } as const;
      const answer = await prompt(question, this.#options);
      if (answer === undefined) throw new Error('the user gave up');
      answers.push(answer);
    }
    return answers;
  }
}
