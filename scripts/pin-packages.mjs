// Writes down what `ouro install` may bring to a host, with the hashes that the registry has. Run it after the version
// of Node or of node-pty was changed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bootstrap/program.mjs';
import { integrityOf, PINS_FILE, pinnedNames } from './pins/pins.mjs';

const pins = pinnedNames(ROOT);
for (const platforms of Object.values(pins)) {
  for (const pin of Object.values(platforms)) pin.integrity = await integrityOf(pin);
}
writeFileSync(join(ROOT, PINS_FILE), `${JSON.stringify(pins, undefined, 2)}\n`);
