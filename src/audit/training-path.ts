// The values of a view as a training set has them: labels, plan, engine, Parquet, read back. Beside each value what it was before
// its default, whether it was INVALID, and what companions.ts asks.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataType, type Status, shapeOf, type Value } from '../../schemas/types.ts';
import type { Catalog, FeatureService, FeatureView } from '../catalog/catalog.ts';
import { nowMicros } from '../instant.ts';
import { OWN_LABELS } from '../offline/arrow/label-limits.ts';
import type { Compute, FilesByScan } from '../offline/compute.ts';
import type { PartReading } from '../offline/part-files.ts';
import type { Output, TrainingSetNode } from '../plan/nodes.ts';
import { planTrainingSet } from '../plan/plan-training-set.ts';
import { fileUri } from '../storage/location.ts';
import { companionsOf, expectedStatus } from './companions.ts';
import type { Probe } from './rounds.ts';
import type { VerifiedView } from './verified-views.ts';

export interface Expected {
  readonly value: Value;
  readonly status: Status;
  /** How far a served number may lie from it. */
  readonly tolerance: number;
}

export interface TrainingPath {
  readonly engine: Compute & PartReading;
  readonly catalog: Catalog;
  readonly sources: FilesByScan;
  /** An empty one. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** By probe, then feature. */
export async function trainingValues(
  path: TrainingPath,
  { view, features }: VerifiedView,
  probes: readonly Probe[],
): Promise<readonly (readonly Expected[])[]> {
  const companions = companionsOf(view);
  const plan = planFor(path.catalog, { view, features }, companions.views);
  const columns = await computed(path, { plan, view, probes });
  return probes.map((_, row) => {
    const read = (name: string): Value => columns.get(name)?.[row] ?? null;
    const companion = (of: string, feature: string): Value => read(outputName(of, feature));
    return features.map(({ name }) => {
      const main = outputName(view.name, name);
      const value = read(main);
      const raw = read(main + RAW);
      const status = expectedStatus(companions, companion, { raw, isInvalid: read(main + VALID) === null });
      return { value, status, tolerance: companions.tolerance(name, raw, companion) };
    });
  });
}

// None of these can be the name of a join key, which is a label column too.
const LABEL_INSTANT = 'label instant';
const RAW = ' before its default';
const VALID = ' or another value';
const outputName = (view: string, feature: string): string => `${view}: ${feature}`;

/** One training set of the view and, as views of their own, its companions. */
function planFor(
  catalog: Catalog,
  { view, features }: VerifiedView,
  companions: readonly FeatureView[],
): TrainingSetNode {
  const views = new Map([...catalog.views, ...companions.map((companion) => [companion.name, companion] as const)]);
  const reads = [
    { view, features },
    ...companions.map((companion) => ({ view: companion, features: companion.features })),
  ];
  const service: FeatureService = {
    ...{ name: `the features of ${view.name}`, description: null, owner: null, tags: {} },
    features: reads.flatMap((read) =>
      read.features.map(({ name }) => ({
        name: outputName(read.view.name, name),
        view: read.view.name,
        feature: name,
        readAs: view.joinKeys.map((key) => key.name),
      })),
    ),
  };
  const plan = planTrainingSet({ ...catalog, views }, service, LABEL_INSTANT, {
    onInvalid: 'null',
    builtMicros: nowMicros(),
  });
  const verified = plan.outputs.slice(0, features.length).filter(({ part }) => part !== null) as readonly Output[];
  return { ...plan, outputs: [...plan.outputs, ...verified.map(beforeDefault), ...verified.map(withAnyDefault)] };
}

const beforeDefault = (output: Output): Output => ({ ...output, name: output.name + RAW, default: null });

/** Null where the value is INVALID, and nowhere else. */
const withAnyDefault = (output: Output): Output => ({
  ...output,
  name: output.name + VALID,
  default: anyValue(output.type),
});

function anyValue(type: DataType): Value {
  const shape = shapeOf(type);
  if (shape.kind === 'vector') return new Array<number>(shape.length).fill(0);
  if (shape.kind === 'struct') return shape.fields.map(() => null);
  if (shape.kind !== 'scalar') return [];
  if (type === 'bytes') return new Uint8Array();
  if (type === 'string') return '';
  if (type === 'bool') return false;
  return type === 'int64' || type === 'timestamp' ? 0n : 0;
}

interface Computation {
  readonly plan: TrainingSetNode;
  readonly view: FeatureView;
  readonly probes: readonly Probe[];
}

async function computed(
  { engine, sources, folder, signal }: TrainingPath,
  { plan, view, probes }: Computation,
): Promise<ReadonlyMap<string, readonly Value[]>> {
  const labels = join(folder, 'labels.jsonl');
  await writeFile(labels, probes.map((probe) => `${labelLine(view, probe)}\n`).join(''));
  const { parts } = await engine.createTrainingSet({
    plan,
    labels: {
      ...{
        uris: [fileUri(labels)],
        name: 'the sampled keys',
        format: 'jsonl',
        timestampUnit: 'us',
        limits: OWN_LABELS,
      },
    },
    ...{ sources, folder: fileUri(folder), signal },
  });
  const columns = plan.outputs.map(({ name }): [string, Value[]] => [name, []]);
  const uris = parts.map(({ uri }) => uri);
  for await (const batch of engine.readParts(uris, { keys: plan.outputs, features: [] }, signal))
    for (const [i, [, values]] of columns.entries()) for (const value of batch.keys[i] ?? []) values.push(value);
  return new Map(columns);
}

/** Integers with all their digits. */
function labelLine({ joinKeys }: FeatureView, { key, atMicros }: Probe): string {
  const cells = joinKeys.map(({ name }, i): [string, Value] => [name, key[i] ?? null]);
  const texts = [...cells, [LABEL_INSTANT, atMicros] as const].map(
    ([name, value]) => `${JSON.stringify(name)}:${typeof value === 'bigint' ? value : JSON.stringify(value)}`,
  );
  return `{${texts.join(',')}}`;
}
