import { signalingCompliance } from '@ouro/signaling/compliance';
import { describe } from 'vitest';
import { WhipFixture } from './support/whip-fixture.ts';

describe('WHIP over HTTP', () => {
  signalingCompliance({
    setup: () => WhipFixture.create(),
    skip: [
      {
        reason:
          'the one goodbye that WHIP knows, DELETE, ends the connection too, so close() without a reason says nothing; terminate() is tested in client-end.test.ts and whip.test.ts',
        cases: ['a client that closes ends the signals at the host'],
      },
    ],
  });
});
