import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts', 'src/host.ts'],
  platform: 'node',
  dts: false,
  fixedExtension: true,
});
