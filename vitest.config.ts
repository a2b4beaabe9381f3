import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests see the sources of the packages, not their builds: the same condition that TypeScript uses. */
const source = { conditions: ['ouro-source', 'node', 'import', 'module', 'default'] };

/** Gives the properties of all packages their seeds. */
const setupFiles = [fileURLToPath(new URL('scripts/properties/setup.mjs', import.meta.url))];

/** How long a test may take that says nothing of its own, in ms: it ends what hangs; a busy machine is no fault. */
const TEST_TIMEOUT_MS = 30_000;

const unit = (folder: string, name: string) => ({
  resolve: source,
  ssr: { resolve: source },
  test: {
    name,
    root: folder,
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    setupFiles,
    testTimeout: TEST_TIMEOUT_MS,
    hookTimeout: TEST_TIMEOUT_MS,
  },
});

export default defineConfig({
  test: {
    projects: [
      ...[
        'signaling',
        'fingerprint',
        'control',
        'base',
        'webrtc-types',
        'stun',
        'ice',
        'dtls',
        'sctp',
        'peer',
        'negotiation',
        'ssh-client',
        'session',
        'transport-whip',
        'transport-ssh',
      ].map((name) => unit(`packages/${name}`, name)),
      unit('apps/agent', 'agent'),
      unit('apps/cli', 'cli'),
      { ...unit('packages/e2e', 'e2e') },
      {
        test: { name: 'scripts', root: 'scripts', include: ['**/*.test.mjs'], testTimeout: TEST_TIMEOUT_MS },
      },
    ],
  },
});
