import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

function sshVersion() {
  try {
    return execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).trim().split(',')[0];
  } catch {
    return 'no ssh';
  }
}

/** One line that says what the numbers were measured on. */
export function describeMachine() {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} x ${processors[0]?.model.trim()}, ${memory} GiB, Linux ${release()}, Node ${process.version}, ${sshVersion()}`;
}
