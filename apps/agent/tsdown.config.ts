import { defineConfig } from 'tsdown';

// One bundle, so that `accept` and `status` start in a moment; each `import()` of the source stays a chunk of its own,
// loaded only by the daemon. node-pty is native code and stays a package.
export default defineConfig({
  entry: ['src/main.ts'],
  platform: 'node',
  target: 'node22.12',
  dts: false,
  fixedExtension: true,
  minify: true,
  // CommonJS parts ask where they lie.
  define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  deps: { alwaysBundle: [/.*/], neverBundle: ['@lydell/node-pty'] },
});
