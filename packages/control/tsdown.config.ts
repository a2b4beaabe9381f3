import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts', 'src/memory/index.ts'],
  platform: 'neutral',
  dts: false,
  fixedExtension: true,
});
