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
  // CommonJS parts ask where they lie.
  define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  // ssh2 looks for native code and does without it.
  deps: { alwaysBundle: [/.*/], neverBundle: ['cpu-features', /\.node$/] },
});
