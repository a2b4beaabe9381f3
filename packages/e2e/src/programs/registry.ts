import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream';

/**
 * A package registry on a host of the lab. Each request is said on stdout, as `<address of the client> <path>`; `up` comes
 * first.
 *
 * usage: node registry.ts <port> '{"<path>":"<file>"}'
 */
const [port = '0', files = '{}'] = process.argv.slice(2);
const places = new Map<string, unknown>(Object.entries(JSON.parse(files)));

createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://registry').pathname;
  process.stdout.write(`${request.socket.remoteAddress?.replace('::ffff:', '')} ${path}\n`);
  const file = places.get(path);
  if (typeof file !== 'string') return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  pipeline(createReadStream(file), response, () => undefined);
}).listen(Number(port), () => process.stdout.write('up\n'));
