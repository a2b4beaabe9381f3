import { defineConfig } from 'tsdown';

// The whole client is one bundle: a program that starts in a moment looks for no package on the disk.
// Each `import()` of the source stays a chunk of its own and is loaded only when it is needed.
export default defineConfig({
  entry: ['src/main.ts'],
  platform: 'node',
  target: 'node22.12',
  dts: false,
  fixedExtension: true,
  minify: true,
  // ssh2 names a helper beside itself that only Windows has.
  define: { __dirname: 'import.meta.dirname' },
  // ssh2 looks for native code and does without it.
  deps: { alwaysBundle: [/.*/], neverBundle: ['cpu-features', /\.node$/] },
});
