import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** A file of a page: what is served under its name. */
export interface PageFile {
  readonly type: string;
  readonly body: string;
}

/** Pages by name: each is the script `page/<name>.ts` with a document of its own or a plain one. */
const SCRIPTS = ['shell', 'channels', 'terminal7'] as const;
const PAGE_FOLDER = new URL('page/', import.meta.url);

/**
 * Everything that is served to the browser, by path. The bundler is the one that builds the packages (it is what tsdown
 * runs); it takes their sources, and fails on a Node module in them: that they run in a browser is part of what is tested.
 */
export async function bundlePages(): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const [name, body] of await scripts()) files.set(`/${name}`, { type: 'text/javascript', body });
  for (const name of SCRIPTS) files.set(`/${name}`, { type: 'text/html', body: plainDocument(name) });
  const own = async (name: string): Promise<string> => readFile(new URL(name, PAGE_FOLDER), 'utf8');
  const xtermStyle = await readFile(fileURLToPath(import.meta.resolve('@xterm/xterm/css/xterm.css')), 'utf8');
  files.set('/shell', { type: 'text/html', body: await own('shell.html') });
  files.set('/shell.css', { type: 'text/css', body: xtermStyle + (await own('shell.css')) });
  return files;
}

async function scripts(): Promise<[name: string, code: string][]> {
  await using bundle = await rolldown({
    input: Object.fromEntries(
      SCRIPTS.map((name) => [name, fileURLToPath(new URL(`${name}.ts`, PAGE_FOLDER))]),
    ),
    platform: 'browser',
    resolve: { conditionNames: ['ouro-source', 'browser', 'import', 'module', 'default'] },
    onLog(level, { message }) {
      if (level === 'warn') throw new Error(message);
    },
  });
  const { output } = await bundle.generate({ format: 'esm' });
  return output.map((file) => {
    if (file.type !== 'chunk') throw new Error(`${file.fileName} is not code`);
    return [file.fileName, file.code];
  });
}

function plainDocument(name: string): string {
  return `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="/${name}.js"></script>`;
}
