// The floor under a lookup: a bare Node server that answers the same bodies from one batched read of ready row bytes and
// joins them. No registry, no codec, no statuses: what is left is HTTP, JSON.parse of the body, and the store's client.
//   node floor-server.ts lmdb FOLDER | redis URL
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openFloor } from './floor-store.ts';

const [kind = '', place = ''] = process.argv.slice(2);
const store = await openFloor(kind, place);

const OPEN = Buffer.from('{"rows":[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']}');

const server = createServer(async (request, response) => {
  const { service, entities } = JSON.parse((await bodyOf(request)).toString()) as Body;
  const rows = await store.read(entities.map(({ user_id }) => `${service}:${user_id}`));
  const pieces: Buffer[] = [OPEN];
  for (let i = 0; i < rows.length; i += 1) pieces.push(rows[i] as Buffer, COMMA);
  pieces[pieces.length - 1] = CLOSE;
  const answer = Buffer.concat(pieces);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length }).end(answer);
});

interface Body {
  readonly service: string;
  readonly entities: readonly { readonly user_id: number }[];
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
