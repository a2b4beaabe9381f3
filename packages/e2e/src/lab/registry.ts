import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE } from '../programs/paths.ts';
import type { Host } from './host.ts';
import type { HostProcess } from './host-process.ts';
import { must } from './run.ts';
import { until } from './until.ts';

const PROGRAM = fileURLToPath(new URL('../programs/registry.ts', import.meta.url));

/** Below the checkout, which every host sees; made before the host is. */
const TARBALLS = fileURLToPath(new URL('../../node_modules/.cache/tarballs', import.meta.url));

/** Longest fetch of a package, in ms; what the machine fetched before comes out of npm's cache. */
const PACK_TIMEOUT_MS = 120_000;

/** The tarball of a package as it was published, fetched by this machine's npm. @returns its path */
export async function publishedTarball(name: string, version: string): Promise<string> {
  await mkdir(TARBALLS, { recursive: true });
  const words = ['npm', 'pack', '--silent', '--prefer-offline', '--pack-destination', TARBALLS];
  const said = await must([...words, `${name}@${version}`], { timeoutMs: PACK_TIMEOUT_MS });
  return join(TARBALLS, said.trim());
}

/** A package registry that runs on a host. */
export class LabRegistry {
  /** Its URL, for hosts that have a link to it. */
  readonly url: string;
  readonly #process: HostProcess;

  private constructor(url: string, process: HostProcess) {
    this.url = url;
    this.#process = process;
  }

  /** Starts one that serves these files by their paths; it ends with the host. */
  static async start(
    host: Host,
    { port, files }: { port: number; files: Readonly<Record<string, string>> },
  ): Promise<LabRegistry> {
    const process = host.spawn([NODE, PROGRAM, String(port), JSON.stringify(files)]);
    const what = () => `the registry on ${host.name}: ${process.output}`;
    await until(() => process.output.includes('up\n'), { what });
    return new LabRegistry(`http://${host.name}:${port}/`, process);
  }

  /** Who asked for what so far: `<address> <path>`. */
  get requests(): string[] {
    return this.#process.output.split('\n').filter((line) => line.includes(' /'));
  }
}
