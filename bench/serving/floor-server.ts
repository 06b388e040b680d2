// The floor under a lookup: a bare Node server that answers the same bodies from one batched read of ready row bytes and
// joins them. No registry, no codec, no statuses: what is left is HTTP, JSON.parse of the body, and the store's client.
//   node floor-server.ts lmdb FOLDER | redis URL
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FloorQuery, floorKeys, viewsOf } from './floor-rows.ts';
import { openFloor } from './floor-store.ts';

const [kind = '', place = ''] = process.argv.slice(2);
const store = await openFloor(kind, place);

const OPEN = Buffer.from('{"rows":[[');
const NEXT_ROW = Buffer.from('],[');
const NEXT_PART = Buffer.from(',');
const CLOSE = Buffer.from(']]}');

const server = createServer(async (request, response) => {
  const answer = await answerTo(JSON.parse((await bodyOf(request)).toString()) as FloorQuery);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length }).end(answer);
});

async function answerTo(query: FloorQuery): Promise<Buffer> {
  const { service, entities } = query;
  const parts = viewsOf(service).length;
  if (parts > 1) {
    // An entity that many rows share is read once.
    const { keys, places } = floorKeys(query);
    const found = await store.read(keys);
    return joined(
      places.map((place) => found[place] as Buffer),
      parts,
    );
  }
  return joined(await store.read(entities.map(({ user_id }) => `${service}:${user_id}`)), 1);
}

function joined(rows: readonly Buffer[], parts: number): Buffer {
  const pieces: Buffer[] = [OPEN];
  for (let i = 0; i < rows.length; i += 1)
    pieces.push(rows[i] as Buffer, parts > 1 && (i + 1) % parts > 0 ? NEXT_PART : NEXT_ROW);
  pieces[pieces.length - 1] = CLOSE;
  return Buffer.concat(pieces);
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
