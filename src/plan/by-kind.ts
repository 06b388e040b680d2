// What to do with each kind of node, as a record: a kind that is forgotten does not compile.
type Kinded = { readonly kind: string };

export type ByKind<N extends Kinded> = {
  readonly [K in N['kind']]: (node: Extract<N, { readonly kind: K }>) => unknown;
};

export function byKind<N extends Kinded, R extends ByKind<N>>(node: N, table: R): ReturnType<R[N['kind']]> {
  // The types say that each entry takes the nodes of its kind.
  const act = table[node.kind as N['kind']] as unknown as (node: N) => ReturnType<R[N['kind']]>;
  return act(node);
}
