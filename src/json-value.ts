// What JSON text holds. Integers beyond ±(2^53 - 1) are bigint.

export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}
