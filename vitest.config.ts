import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests see the sources of the packages, not their builds: the same condition that TypeScript uses. */
const source = { conditions: ['ouro-source', 'node', 'import', 'module', 'default'] };

/** Gives the properties of all packages their seeds. */
const setupFiles = [fileURLToPath(new URL('scripts/properties/setup.mjs', import.meta.url))];

/** Ten thousand runs of a property on a busy machine, in ms; what hangs is found late, but found. */
const testTimeout = 30_000;

const unit = (folder: string, name: string) => ({
  resolve: source,
  ssr: { resolve: source },
  test: { name, root: folder, include: ['test/**/*.test.ts', 'src/**/*.test.ts'], setupFiles, testTimeout },
});

export default defineConfig({
  test: {
    projects: [
      ...['signaling', 'fingerprint', 'control', 'peer', 'session', 'transport-whip', 'transport-ssh'].map(
        (name) => unit(`packages/${name}`, name),
      ),
      unit('apps/agent', 'agent'),
      unit('apps/cli', 'cli'),
      { ...unit('packages/e2e', 'e2e') },
      { test: { name: 'scripts', root: 'scripts', include: ['**/*.test.mjs'], testTimeout } },
    ],
  },
});
