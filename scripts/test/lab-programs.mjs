import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep, StepError, say } from '../bootstrap/step.mjs';

/** Where programs for the administrator lie; a user's PATH may leave them out. */
const SYSTEM_PATHS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** Debian asks this program whether a service may start when its package is installed. */
const POLICY = '/usr/sbin/policy-rc.d';

/** The programs of the lab that are not on this machine, after installing them where that can be done. */
export async function missingLabPrograms() {
  const packages = JSON.parse(readFileSync(new URL('../lab-packages.json', import.meta.url), 'utf8'));
  const missing = () => Object.keys(packages).filter((program) => !isThere(program));
  const before = missing();
  if (before.length === 0 || process.getuid?.() !== 0 || !isThere('apt-get')) return before;
  try {
    await install(before.map((program) => packages[program]));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    say(error.message);
  }
  return missing();
}

function isThere(program) {
  const paths = [...(process.env.PATH ?? '').split(':'), ...SYSTEM_PATHS];
  return paths.some((path) => {
    try {
      accessSync(join(path, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (title, ...args) => runStep(title, { command: 'apt-get', args, cwd: '/', env });
  // The lab starts its own sshd; the system's is none of its business.
  const isOurPolicy = !existsSync(POLICY);
  if (isOurPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await apt('Looking for the packages of the lab', '-qq', 'update');
    const names = packages.join(' ');
    await apt(`Installing ${names}`, '-qq', '-y', '--no-install-recommends', 'install', ...packages);
  } finally {
    if (isOurPolicy) rmSync(POLICY, { force: true });
  }
}
