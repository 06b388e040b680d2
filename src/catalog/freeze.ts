/** Freezes plain data in depth, in place. Maps and bytes are left to their readonly types, which freezing cannot hold. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const inner = value instanceof Map ? value.values() : Object.values(value);
  for (const item of inner) deepFreeze(item);
  return value instanceof Map ? value : Object.freeze(value);
}
