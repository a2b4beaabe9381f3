import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts', 'src/client/index.ts', 'src/node/index.ts', 'src/server/index.ts'],
  platform: 'node',
  dts: false,
  fixedExtension: true,
});
