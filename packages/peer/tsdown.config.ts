import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts', 'src/negotiate/index.ts'],
  platform: 'node',
  dts: false,
  fixedExtension: true,
});
