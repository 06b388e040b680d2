// `churn@12`: one version of a feature service or of a training set, as users write it.
export interface Versioned {
  readonly name: string;
  readonly version: number;
}

/** null unless it is `name@version`. */
export function parseVersioned(text: string): Versioned | null {
  const [, name, version] = /^([^@]+)@([1-9]\d{0,8})$/.exec(text) ?? [];
  return name === undefined ? null : { name, version: Number(version) };
}
