// Stored bytes that may be damaged, for a contract to check.

/** null where the bytes are not JSON. */
export function jsonOrNull(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(content));
  } catch {
    return null;
  }
}
