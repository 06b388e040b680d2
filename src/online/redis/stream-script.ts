// A commit of a stream as one Lua script: it looks at everything before it writes anything. Redis refuses a script for lack of
// memory, of replicas or of its disk at the first write or not at all, so no half of a commit is ever there.
import type { FieldName } from '../online-store.ts';
import { encodeSentinelKey, newVersions } from '../stream-commit.ts';
import type { StreamTransaction } from '../stream-store.ts';
import { fieldId, KIND, RECORD_HEADER_BYTES, type RedisKeys, tokenBytes } from './redis-layout.ts';
import { BAD_RECORD, script } from './redis-scripts.ts';
import { type Commands, RespWriter } from './resp-writer.ts';

/**
 * KEYS: sentinels, fields, the entity of each write. ARGV: number of fields, number of sentinels; for each field its id and
 * its name; for each sentinel its key, the expected one, the next one; for each write the field id, the expected version,
 * the next record. Of a sentinel '0' is none, and '1' stands before the bytes of one. A version of no bytes: no entry is
 * expected; a record of none: the entry is removed. Returns 1: done; 0: something is not as expected; a list: the number
 * of a field, and the other field that has its id.
 *
 * A key that would expire stays from now on: the entry in it has no life.
 */
export const COMMIT_STREAM = script(`local call, sub = redis.call, string.sub
local sentinels, fields = KEYS[1], KEYS[2]
local fieldCount = tonumber(ARGV[1])
local firstSentinel = 3 + 2 * fieldCount
local firstWrite = firstSentinel + 3 * tonumber(ARGV[2])
for i = 1, fieldCount do
  local name = call('HGET', fields, ARGV[1 + 2 * i])
  if name and name ~= ARGV[2 + 2 * i] then return {i, name} end
end
for at = firstSentinel, firstWrite - 1, 3 do
  local stored = call('HGET', sentinels, ARGV[at])
  if (stored and '1' .. stored or '0') ~= ARGV[at + 1] then return 0 end
end
local at = firstWrite
for i = 3, #KEYS do
  local record = call('HGET', KEYS[i], ARGV[at])
  local version = ''
  if record then
    if #record < ${RECORD_HEADER_BYTES} then return redis.error_reply('${BAD_RECORD} a stored row record is too short') end
    if string.byte(record, ${RECORD_HEADER_BYTES}) == ${KIND.row} then version = sub(record, 1, 8) end
  end
  if version ~= ARGV[at + 1] then return 0 end
  at = at + 3
end
for i = 1, fieldCount do call('HSET', fields, ARGV[1 + 2 * i], ARGV[2 + 2 * i]) end
for at = firstSentinel, firstWrite - 1, 3 do
  if ARGV[at + 2] == '0' then call('HDEL', sentinels, ARGV[at])
  else call('HSET', sentinels, ARGV[at], sub(ARGV[at + 2], 2)) end
end
at = firstWrite
for i = 3, #KEYS do
  if ARGV[at + 2] == '' then call('HDEL', KEYS[i], ARGV[at])
  else
    call('HSET', KEYS[i], ARGV[at], ARGV[at + 2])
    call('PERSIST', KEYS[i])
  end
  at = at + 3
end
return 1`);

const NOTHING = Buffer.alloc(0);
const NONE = Buffer.from('0');
const SOME = Buffer.from('1');
/** Of a key and three arguments. */
const WRITE_OVERHEAD_BYTES = 128;

/** By its digest, or with the whole script. The same commit is sent with the same versions. */
export function commitCommands(
  keys: RedisKeys,
  fields: readonly FieldName[],
  { sentinels, writes }: StreamTransaction,
): (isWhole: boolean) => Commands {
  const records = recordHeaders(writes.length);
  const bytesOf = (sum: number, { entity, next }: StreamTransaction['writes'][number]): number =>
    sum + WRITE_OVERHEAD_BYTES + keys.entityPrefix.length + entity.length + (next?.length ?? 0);
  const sizeBytes = writes.reduce(bytesOf, 4096);
  return (isWhole) => {
    const out = new RespWriter(sizeBytes);
    const count = 2 + (2 + writes.length) + 2 + 2 * fields.length + 3 * sentinels.length + 3 * writes.length;
    out.command(isWhole ? 'EVAL' : 'EVALSHA', count).argument(isWhole ? COMMIT_STREAM.lua : COMMIT_STREAM.sha);
    out
      .argument(String(2 + writes.length))
      .argument(keys.sentinels)
      .argument(keys.fields);
    for (const { entity } of writes) out.joined(keys.entityPrefix, entity);
    out.argument(String(fields.length)).argument(String(sentinels.length));
    for (const field of fields) out.argument(fieldId(field)).argument(field);
    for (const { key, expected, next } of sentinels) {
      out.argument(encodeSentinelKey(key));
      for (const bytes of [expected, next]) out.joined(bytes === null ? NONE : SOME, bytes ?? NOTHING);
    }
    for (const [index, { field, expectedVersion, next }] of writes.entries()) {
      out.argument(fieldId(field)).argument(expectedVersion === null ? NOTHING : tokenBytes(expectedVersion));
      out.joined(next === null ? NOTHING : (records[index] as Buffer), next ?? NOTHING);
    }
    return out.finish();
  };
}

const recordHeaders = (count: number): readonly Buffer[] =>
  newVersions(count).map((version) => Buffer.concat([tokenBytes(version), Buffer.from([KIND.row])]));
