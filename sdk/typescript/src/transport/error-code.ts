// What the platform says of a failed connection.

/** Node's code of a failed connection, e.g. ECONNREFUSED; null in browsers. */
export function errorCode(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return null;
}
