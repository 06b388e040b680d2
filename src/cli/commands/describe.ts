// plumb describe NAME: one entity, source, feature view or feature service in full.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { OBJECT_DESCRIPTIONS } from '../../catalog/describe.ts';
import { readBoundViews } from '../../materialize/bound/bound-sets.ts';
import { nearestName } from '../../nearest.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Register } from '../command.ts';
import type { Invocation } from '../invocation.ts';
import { type Cell, facts, section, table } from '../table.ts';

type Description = Readonly<Record<string, unknown>>;

export const registerDescribe: Register = (program, run) => {
  program
    .command('describe')
    .description('show one entity, source, feature view or feature service in full')
    .argument('<name>', 'its name')
    .action(
      run(async (invocation, name: string) => {
        const config = await invocation.config();
        await using registry = await invocation.app.openRegistry(config, invocation.openOptions());
        const catalog = await registry.current();
        const bound = catalog.views.has(name) ? await boundTo(invocation, registry, name) : [];
        const found = describe(catalog, name).map((one) =>
          one.object === 'feature view' && bound.length > 0 ? { ...one, boundTo: bound } : one,
        );
        invocation.result(found.length === 1 ? found[0] : found, () => found.map(descriptionText).join('\n'));
        return 0;
      }),
    );
};

/** Bound training sets that read the view. */
async function boundTo(invocation: Invocation, registry: Registry, view: string): Promise<readonly string[]> {
  await using store = await invocation.app.openObjectStore(await invocation.config(), invocation.openOptions());
  const bound = await readBoundViews({ store, version: (number) => registry.version(number) });
  return (bound.get(view) ?? []).map(({ set }) => set);
}

/** Objects of different kinds may share a name: all of them are shown. */
function describe(catalog: Catalog, name: string): readonly Description[] {
  const kinds = Object.entries(OBJECT_DESCRIPTIONS).map(
    ([object, describeAll]) => [object, describeAll(catalog)] as const,
  );
  const found = kinds.flatMap(([object, descriptions]) => {
    const description = descriptions.get(name);
    return description === undefined ? [] : [{ object, ...description }];
  });
  if (found.length > 0) return found;
  const names = kinds.flatMap(([, descriptions]) => [...descriptions.keys()]);
  const nearest = nearestName(name, names);
  const hint = nearest === null ? 'see `plumb list`' : `the nearest name is "${nearest}"`;
  throw new PlumbError('UNKNOWN_NAME', `nothing is named "${name}"; ${hint}`, { details: { name, nearest } });
}

function descriptionText({ object, name, ...rest }: Description): string {
  const entries = Object.entries(rest);
  const plain = entries.filter(([, value]) => !isRows(value)).map(([key, value]) => [key, cellText(value)] as const);
  const tables = entries
    .filter(([, value]) => isRows(value))
    .map(([key, value]) => rowsText(key, value as readonly Description[]));
  const title = `${object} ${name}`;
  return [plain.length === 0 ? `${title}\n` : section(title, facts(plain)), ...tables].join('\n');
}

const isRows = (value: unknown): boolean => Array.isArray(value) && typeof value[0] === 'object' && value[0] !== null;

function rowsText(title: string, rows: readonly Description[]): string {
  const keys = [...new Set(rows.flatMap(Object.keys))].filter((key) => rows.some((row) => cellText(row[key]) !== null));
  return section(
    title,
    table(
      keys,
      rows.map((row) => keys.map((key) => cellText(row[key]))),
    ),
  );
}

function cellText(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(cellText).join(', ');
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${cellText(inner) ?? '-'}`);
  return entries.length === 0 ? null : entries.join(', ');
}
