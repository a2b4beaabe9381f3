import { describe } from 'vitest';
import { signalingCompliance } from '../src/compliance/index.ts';
import { memoryFixture } from './support/memory-fixture.ts';

describe('memory', () => {
  signalingCompliance({ setup: async () => memoryFixture({}) });
});

describe('memory with latency', () => {
  signalingCompliance({ setup: async () => memoryFixture({ latencyMs: 2 }) });
});

describe('memory where only the offerer trickles', () => {
  signalingCompliance({ setup: async () => memoryFixture({ trickle: 'offerer' }) });
});

describe('memory where nobody trickles', () => {
  signalingCompliance({ setup: async () => memoryFixture({ trickle: 'none', latencyMs: 1 }) });
});
