import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts', 'src/fingerprint.ts'],
  platform: 'node',
  dts: false,
  fixedExtension: true,
});
