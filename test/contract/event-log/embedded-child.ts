// Appends to an embedded log until it is killed, and says what was acknowledged.
import { EmbeddedEventLog } from '../../../src/ingest/embedded/embedded-event-log.ts';

const [folder = '', name = ''] = process.argv.slice(2);
const log = await EmbeddedEventLog.open(folder, 'shop');
for (let i = 0; ; i += 1) {
  const ids = [`${name}-${i}-a`, `${name}-${i}-b`];
  await log.append('clicks', { events: ids.map((id) => ({ id, by: null, text: Buffer.from(id) })) });
  process.stdout.write(`${ids.join('\n')}\n`);
}
