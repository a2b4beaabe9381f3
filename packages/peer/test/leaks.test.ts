import { expect, test } from 'vitest';
import { closed, connectedPeers, reaches } from './support/peers.ts';

/** Handles of the process that a peer could leave behind. */
function handles(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /UDP|Timeout|Immediate/.test(kind));
}

async function settled(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('1,000 connections, made and closed from either end, leave no socket and no timer', async () => {
  await (await connectedPeers())[Symbol.asyncDispose]();
  await settled();
  const before = handles().length;
  for (let i = 0; i < 1000; i += 1) {
    const peers = await connectedPeers();
    const [closing, other] = i % 2 ? [peers.offerer, peers.answerer] : [peers.answerer, peers.offerer];
    closing.close();
    await reaches(other, 'closed');
    await Promise.all([closed(peers.near), closed(peers.far)]);
  }
  await settled();
  expect(handles().length).toBeLessThanOrEqual(before);
}, 60_000);
