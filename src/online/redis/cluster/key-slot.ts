// Redis Cluster's slot of a key: CRC-16/XMODEM of the key, or of what stands between its first `{` and the next `}` where
// that is not empty (Redis Cluster specification, "Hash tags"). Our part of a key has no braces; an entity key may.

export const SLOTS = 16_384;
const OPEN = 0x7b;
const CLOSE = 0x7d;

const CRC16 = Uint16Array.from({ length: 256 }, (_value, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

function crc16(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let crc = start;
  for (let index = from; index < to; index += 1)
    crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ (bytes[index] as number)] as number);
  return crc;
}

export function keySlot(key: Uint8Array): number {
  const open = key.indexOf(OPEN);
  const close = open < 0 ? -1 : key.indexOf(CLOSE, open + 1);
  const crc = close > open + 1 ? crc16(key, open + 1, close) : crc16(key, 0, key.length);
  return crc % SLOTS;
}

/** The same for `prefix` + `rest`, where `prefix` has no brace: what it adds is known. */
export function keySlotAfter(prefix: Uint8Array): (rest: Uint8Array) => number {
  const start = crc16(prefix, 0, prefix.length);
  return (rest) =>
    rest.includes(OPEN) ? keySlot(Buffer.concat([prefix, rest])) : crc16(rest, 0, rest.length, start) % SLOTS;
}
