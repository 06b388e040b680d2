// What has to be atomic in Redis, as Lua. Every key that a script touches is in its KEYS. Tokens are compared as two
// uint32: a Lua number holds 2^53 exactly and no more, and `<` on strings follows the locale of the server.
import { createHash } from 'node:crypto';
import { RECORD_HEADER_BYTES } from './redis-layout.ts';

export interface Script {
  readonly lua: string;
  /** By which EVALSHA knows it. */
  readonly sha: string;
}

const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** First word of the answer to rows that would replace what is no record. */
export const BAD_RECORD = 'BADRECORD';

/** KEYS: entities. ARGV: field id, token, then one row record per key. Answers how many took effect. */
export const WRITE_ROWS = script(`local call, unpack = redis.call, struct.unpack
local field = ARGV[1]
local high, low = unpack('>I4I4', ARGV[2])
local written = 0
for i = 1, #KEYS do
  local stored = call('HGET', KEYS[i], field)
  local allowed = true
  if stored then
    if #stored < ${RECORD_HEADER_BYTES} then return redis.error_reply('${BAD_RECORD} a stored row record is too short') end
    local storedHigh, storedLow = unpack('>I4I4', stored)
    allowed = storedHigh < high or (storedHigh == high and storedLow <= low)
  end
  if allowed then
    call('HSET', KEYS[i], field, ARGV[i + 2])
    written = written + 1
  end
end
return written`);

/**
 * KEYS: states. ARGV: state field, digest field, '1' where a state is expected and '0' where none is, the expected state,
 * the next one, its digest. Answers 1 written, 0 another state is stored, 2 the next one is stored already.
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
