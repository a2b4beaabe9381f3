import type { ComplianceFixture } from '../../src/compliance/index.ts';
import { type MemoryOptions, MemoryTransport } from '../../src/memory/index.ts';

const ICE_SERVERS = [{ urls: ['turn:turn.example.org'], username: 'ada', credential: 'secret' }];

/** The memory transport as the compliance suite wants it. */
export function memoryFixture(given: MemoryOptions): ComplianceFixture {
  const options = { ...given, iceServers: ICE_SERVERS, remote: { kind: 'login', user: 'ada' } } as const;
  const transport = new MemoryTransport(options);
  const silent = new MemoryTransport(options);
  const garbage = new MemoryTransport(options);
  return {
    trickle: options.trickle ?? 'both',
    dial: (waiting) => transport.dial(waiting),
    listener: transport.listener,
    vouched: { client: { kind: 'none' }, host: { kind: 'login', user: 'ada' } },
    announced: ICE_SERVERS,
    // Nobody takes what dials here.
    dialSilent: (waiting) => silent.dial(waiting),
    dialGarbage: async (bytes, waiting) => {
      const [client] = await Promise.all([
        garbage.dial(waiting),
        garbage.acceptWire(waiting).then((wire) => wire.write(bytes)),
      ]);
      return client;
    },
    sendGarbage: async (bytes, waiting) => {
      const wire = await transport.dialWire(waiting);
      wire.write(bytes);
    },
    vanish: async () => transport.break(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([transport, silent, garbage].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
