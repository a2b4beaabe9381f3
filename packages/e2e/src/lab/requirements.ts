import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';

/** What every lab needs besides root. */
const BASE_TOOLS = ['ip', 'nsenter', 'unshare', 'setpriv', 'mount', 'nft', 'sshd', 'ssh', 'ssh-keygen'];

const PLACES = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/local/sbin'];

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where a program is, sbin included; undefined when it is not installed. */
export const whereIs = (program: string): string | undefined =>
  PLACES.map((place) => join(place, program)).find(isExecutable);

/** Why a lab with these further tools cannot be had here; undefined = it can. */
const labLacks = (...tools: readonly string[]): string | undefined => {
  if (process.platform !== 'linux') return 'the lab needs Linux';
  if (process.getuid?.() !== 0) return 'the lab needs root';
  const missing = [...BASE_TOOLS, ...tools].filter((tool) => whereIs(tool) === undefined);
  return missing.length > 0 ? `the lab needs ${missing.join(', ')}` : undefined;
};

/**
 * A `describe` for tests in the lab: without root or a tool its tests are skipped under a name that says why;
 * with CI=true that is a failure instead.
 */
export const describeLab = (name: string, tools: readonly string[], body: () => void): void =>
  describeUnless(labLacks(...tools), name, body);

/** A `describe` for tests that need these programs, but no lab. */
export const describeTools = (name: string, tools: readonly string[], body: () => void): void => {
  const missing = tools.filter((tool) => whereIs(tool) === undefined);
  const reason = missing.length > 0 ? `${missing.join(', ')} not installed` : undefined;
  describeUnless(reason, name, body);
};

/** A `describe` for tests that need more than Node: with a reason they are skipped, or fail with CI=true. */
export const describeUnless = (reason: string | undefined, name: string, body: () => void): void => {
  if (reason === undefined) return void describe(name, body);
  if (process.env.CI === 'true') {
    describe(name, () => {
      throw new Error(`Not run: ${reason}`);
    });
    return;
  }
  describe.skip(`${name} (skipped: ${reason})`, body);
};
