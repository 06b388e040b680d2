// A few commands on one key of a Cluster, as what knows nothing of slots sends them: packed, all replies or a failure.
import type { Send } from '../redis-connection.ts';
import type { Commands } from '../resp-writer.ts';
import { keySlot } from './key-slot.ts';
import { type Patience, type RoutedCommands, requireReplies } from './routed-commands.ts';

export function sendToKey(routed: RoutedCommands, key: Uint8Array, patience: Patience): Send {
  const slot = keySlot(key);
  return async (commands) => {
    const parts = splitCommands(commands);
    const { outcomes } = await routed.run(
      {
        count: parts.length,
        sizeBytes: Math.ceil(commands.bytes.length / Math.max(1, parts.length)) + 16,
        slotOf: () => slot,
        add: (out, index) => void out.packed(parts[index] as Buffer),
      },
      patience,
    );
    return requireReplies(outcomes);
  };
}

const LINE_END = '\r\n';

/** Each command's bytes: `*<arguments>`, then `$<length>` and the bytes of each. */
export function splitCommands({ bytes, count }: Commands): readonly Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  const number = (): number => {
    const end = bytes.indexOf(LINE_END, at);
    const value = Number(bytes.toString('latin1', at + 1, end));
    at = end + LINE_END.length;
    return value;
  };
  while (parts.length < count) {
    const start = at;
    for (let left = number(); left > 0; left -= 1) {
      const sizeBytes = number();
      at += sizeBytes + LINE_END.length;
    }
    parts.push(bytes.subarray(start, at));
  }
  return parts;
}
