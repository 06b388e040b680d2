// Ports of the registry for its own tests: sources that exist only as column lists, a compiler that knows columns, a few
// literals and one comparison, and versions in memory.
import { type DataType, parseDataType } from '../../schemas/types.ts';
import type {
  Expression,
  ExpressionCompiler,
  ExpressionNode,
  ExpressionRequest,
  ExpressionResult,
} from '../../src/catalog/expression.ts';
import type { SourceInspector } from '../../src/definitions/source-inspector.ts';
import { nearestName, oneOf } from '../../src/nearest.ts';
import type { VersionStore } from '../../src/registry/version-document.ts';

/** Path → the columns of its files; null: a file without rows. A path that is absent has no file. */
export type FakeFiles = Readonly<Record<string, Readonly<Record<string, string>> | null>>;

export const fakeInspector = (files: FakeFiles): SourceInspector => ({
  inspect: async ({ path }) => {
    const columns = files[path];
    if (columns === undefined) return { fileCount: 0, columns: new Map() };
    const typed = Object.entries(columns ?? {}).map(
      ([name, type]) => [name, { type: parseDataType(type), physical: type }] as const,
    );
    return { fileCount: 1, columns: new Map(typed) };
  },
  check: async (source) => {
    const real = files[source.path] ?? Object.fromEntries(source.columns);
    return [...source.columns].flatMap(([column, type]) => {
      const found = real[column];
      if (found === type) return [];
      return [
        {
          column,
          found: found === undefined ? `no column ${column}` : `column ${column} of type ${found}`,
          expected: type,
        },
      ];
    });
  },
});

export const fakeCompiler: ExpressionCompiler = {
  compile: async (requests) => requests.map(compileOne),
};

function compileOne({ sql, columns }: ExpressionRequest): ExpressionResult {
  const comparison = /^(\S+) (=|<|>) (\S+)$/.exec(sql.trim());
  const parts = comparison === null ? [sql.trim()] : [comparison[1] ?? '', comparison[3] ?? ''];
  const nodes = parts.map((part) => operand(part, columns));
  const unknown = parts.find((_, i) => nodes[i] === null);
  if (unknown !== undefined) {
    const names = [...columns.keys()];
    const mistake = {
      found: `unknown column ${unknown}`,
      expected: oneOf(names),
      nearest: nearestName(unknown, names),
    };
    return { ok: false, mistake };
  }
  const args = nodes.filter((node) => node !== null);
  if (comparison === null) return { ok: true, expression: expression(sql, args[0] ?? NULL) };
  return { ok: true, expression: expression(sql, { kind: 'call', name: '=', args, type: 'bool' }) };
}

const NULL: ExpressionNode = { kind: 'literal', value: null, type: 'null' };

const expression = (sql: string, tree: ExpressionNode): Expression => ({
  sql,
  type: tree.type === 'null' ? 'string' : tree.type,
  tree,
  canFail: false,
});

function operand(text: string, columns: ReadonlyMap<string, DataType>): ExpressionNode | null {
  if (/^\d+$/.test(text)) return { kind: 'literal', value: Number(text), type: 'int32' };
  if (/^\d+\.\d+$/.test(text)) return { kind: 'literal', value: Number(text), type: 'float64' };
  if (/^'.*'$/.test(text)) return { kind: 'literal', value: text.slice(1, -1), type: 'string' };
  const type = columns.get(text);
  return type === undefined ? null : { kind: 'column', name: text, type };
}

export function memoryVersions(): VersionStore & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    get: async (key) => objects.get(key) ?? null,
    putIfAbsent: async (key, content) => {
      if (objects.has(key)) return false;
      objects.set(key, content);
      return true;
    },
    list: async (prefix) =>
      [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { length }]) => ({ key, sizeBytes: length, identity: String(length), modifiedAtMillis: 0 })),
  };
}
