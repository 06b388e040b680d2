// What has to be atomic in Redis, as Lua. Every key that a script touches is in its KEYS. Tokens are compared as two
// uint32: a Lua number holds 2^53 exactly and no more, and `<` on strings follows the locale of the server.
import { createHash } from 'node:crypto';
import { KIND, RECORD_HEADER_BYTES } from './redis-layout.ts';

export interface Script {
  readonly lua: string;
  /** By which EVALSHA knows it. */
  readonly sha: string;
}

export const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** First word of the answer to rows that would replace what is no record. */
export const BAD_RECORD = 'BADRECORD';

/**
 * KEYS: entities. ARGV: field id, token, lives, '1' where fields can expire by themselves and '' where they cannot, then one
 * row record per key. Lives: '' (nothing expires), or a double for all or one for each, in milliseconds; -1: for ever.
 * Returns how many took effect.
 *
 * A key expires when nothing in it is needed any more. So its time is set where it is new, extended where it has one, and
 * taken away by a row that stays for ever; where it has none, such a row is in it, or was written to it (`plumb gc` sees to
 * those). A tombstone that stays for ever hides nothing from a key that expires, and does not count.
 */
export const WRITE_ROWS = script(`local call, unpack = redis.call, struct.unpack
local field, lives = ARGV[1], ARGV[3]
local high, low = unpack('>I4I4', ARGV[2])
local written = 0
local life = -1
if #lives == 8 then life = unpack('>d', lives) end
for i = 1, #KEYS do
  local stored = call('HGET', KEYS[i], field)
  local allowed = true
  if stored then
    if #stored < ${RECORD_HEADER_BYTES} then return redis.error_reply('${BAD_RECORD} a stored row record is too short') end
    local storedHigh, storedLow = unpack('>I4I4', stored)
    allowed = storedHigh < high or (storedHigh == high and storedLow <= low)
  end
  if allowed then
    local record = ARGV[i + 4]
    if #lives > 8 then life = unpack('>d', lives, 8 * i - 7) end
    if life < 0 then
      call('HSET', KEYS[i], field, record)
      if string.byte(record, ${RECORD_HEADER_BYTES}) == ${KIND.row} then call('PERSIST', KEYS[i]) end
    else
      local left = call('PTTL', KEYS[i])
      call('HSET', KEYS[i], field, record)
      if left == -2 or (left >= 0 and left < life) then call('PEXPIRE', KEYS[i], life) end
      if ARGV[4] == '1' then call('HPEXPIRE', KEYS[i], life, 'FIELDS', 1, field) end
    end
    written = written + 1
  end
end
return written`);

/**
 * KEYS: entities. ARGV: for each a field id and the record that is to be removed; another one stays. Returns how many were
 * removed.
 */
export const REMOVE_RECORDS = script(`local call = redis.call
local removed = 0
for i = 1, #KEYS do
  if call('HGET', KEYS[i], ARGV[2 * i - 1]) == ARGV[2 * i] then
    removed = removed + call('HDEL', KEYS[i], ARGV[2 * i - 1])
  end
end
return removed`);

/**
 * KEYS: states. ARGV: state field, digest field, '1' where a state is expected and '0' where none is, the expected state,
 * the next one, its digest. Returns 1: written; 0: another state is stored; 2: the next one is stored already.
 */
export const WRITE_STATE = script(`local stored = redis.call('HGET', KEYS[1], ARGV[1])
local matches
if ARGV[3] == '1' then matches = stored == ARGV[4] else matches = not stored end
if matches then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[5], ARGV[2], ARGV[6])
  return 1
end
if stored == ARGV[5] then return 2 end
return 0`);

/** KEYS: states. ARGV: state field, digest field, the expected state. Returns 1 removed, 0 another state is stored, 2 none is. */
export const REMOVE_STATE = script(`local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored then return 2 end
if stored ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1], ARGV[2])
return 1`);

export const SCRIPTS: readonly Script[] = [WRITE_ROWS, WRITE_STATE, REMOVE_STATE];
