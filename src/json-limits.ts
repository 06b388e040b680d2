// What a JSON text may hold at the most, wherever it is read.
export interface JsonLimits {
  /** Lists and objects within each other. */
  readonly depth: number;
  /** Names in one object. */
  readonly names: number;
  /** Values in the whole text, lists and objects too. */
  readonly values: number;
  readonly nameCharacters: number;
  /** In one text. */
  readonly textCharacters: number;
}

export const NO_LIMITS: JsonLimits = {
  depth: Infinity,
  names: Infinity,
  values: Infinity,
  nameCharacters: Infinity,
  textCharacters: Infinity,
};
