// The keys of all entities, page by page.
import { isText } from './command-batch.ts';
import type { Send } from './redis-connection.ts';
import type { RedisKeys } from './redis-layout.ts';
import { RespWriter } from './resp-writer.ts';

export interface EntityPage {
  readonly keys: readonly Buffer[];
  /** null: the last page. */
  readonly cursor: string | null;
}

/** One page of the keys of all entities. Where keys are spread over servers, the cursor also says on which it goes on. */
export async function entityPage(
  send: Send,
  { entityPrefix }: RedisKeys,
  cursor: string | null,
  count: number,
): Promise<EntityPage> {
  const scan = new RespWriter()
    .command('SCAN', 5)
    .argument(cursor ?? '0')
    .argument('MATCH');
  scan.argument(Buffer.concat([entityPrefix, Buffer.from('*')]));
  const [page] = await send(scan.argument('COUNT').argument(String(count)).finish());
  const [next, keys] = page as readonly [Buffer, readonly Buffer[]];
  return { keys, cursor: isText(next, '0') ? null : next.toString() };
}
