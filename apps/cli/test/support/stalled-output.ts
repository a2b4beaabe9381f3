// Writes 4 MiB to an output that nobody reads yet, and says on the other one that the event loop turns meanwhile.
import { Output } from '../../src/pipe/output.ts';

const { signal } = new AbortController();
const writing = new Output(1).write(new Uint8Array(4 * 1024 * 1024), { signal });
setTimeout(() => process.stderr.write('the loop turns\n'), 50);
await writing;
