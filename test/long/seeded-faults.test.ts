// Faults that are put into the serving path or into the training path of a sound project: verify finds each of them with the
// sample that it draws unless told otherwise.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AggregateView } from '../../src/catalog/catalog.ts';
import { requireView } from '../../src/catalog/look-up.ts';
import type { Engine } from '../../src/offline/engine.ts';
import { compileEntryCodec } from '../../src/online/entry/entry-codec.ts';
import { entryLayout } from '../../src/online/entry/entry-layout.ts';
import { viewEntry } from '../../src/online/entry/view-entry.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import type { FieldName, RowWrite } from '../../src/online/online-store.ts';
import type { MaterializationNode, ValuesNode } from '../../src/plan/nodes.ts';
import { type Faults, OnlineProject } from '../property/plumb-online.ts';
import { MONTH_OF_CLICKS } from './month-of-clicks.ts';

let project: OnlineProject;
before(async () => {
  project = await OnlineProject.create(MONTH_OF_CLICKS, { store: 'memory', format: 'parquet' });
});
after(() => project[Symbol.asyncDispose]());

const inRuns = (change: (plan: MaterializationNode) => MaterializationNode): Faults => ({
  engine: (sound): Engine => ({
    ...sound,
    materialize: (job) => sound.materialize({ ...job, plan: change(job.plan) }),
  }),
});

const inValues = (change: (values: ValuesNode) => ValuesNode): Faults =>
  inRuns((plan) => ({ ...plan, values: change(plan.values) }));

/** One click of the month, by its price. */
const ONE_CLICK = 1500.25;

class LosesOneKey extends MemoryOnlineStore {
  override async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]) {
    const kept = writes.filter((_, i) => i !== 40);
    await super.writeRows(field, token, kept);
    return { written: writes.length };
  }
}

/** Rows of the second run and of later ones never arrive; their watermark does. */
class KeepsTheFirstRun extends MemoryOnlineStore {
  override async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]) {
    return token > 1n ? { written: writes.length } : await super.writeRows(field, token, writes);
  }
}

/** Of one key of a continuous view, in each run. */
class ForgetsTheNewestRow extends MemoryOnlineStore {
  override async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]) {
    const harmed = writes.map((write, i) =>
      i === 40 && write.row !== null ? { ...write, row: harm(write.row) } : write,
    );
    return await super.writeRows(field, token, harmed);
  }
}

function harm(bytes: Uint8Array): Uint8Array {
  const codec = compileEntryCodec(
    entryLayout(viewEntry(requireView(project.catalog, 'recent') as AggregateView)),
    2 ** 20,
  );
  const entry = codec.decode(bytes);
  const newest = entry.rows.reduce((one, other) => (other.eventMicros > one.eventMicros ? other : one));
  return codec.encode({ ...entry, rows: entry.rows.filter((row) => row !== newest) }).bytes;
}

const FAULTS: Readonly<
  Record<string, { readonly faults: Faults /** Its service has the same name. */; readonly view: string }>
> = {
  'a boundary that counts the rows stamped at it': {
    faults: inValues((values) =>
      values.kind === 'windows' && values.at.kind === 'boundary'
        ? { ...values, at: { ...values.at, effectiveMicros: values.at.effectiveMicros + 1n } }
        : values,
    ),
    view: 'spending',
  },
  'a window that begins one microsecond late': {
    faults: inValues((values) =>
      values.kind === 'windows'
        ? {
            ...values,
            windows: values.windows.map((window) => ({
              ...window,
              widthMicros: window.widthMicros === null ? null : window.widthMicros - 1n,
            })),
          }
        : values,
    ),
    view: 'spending',
  },
  'a row view that leaves the rows of its instant out': {
    faults: inValues((values) => (values.kind === 'latest_row' ? { ...values, strictlyBefore: true } : values)),
    view: 'last_click',
  },
  'a training set whose rows live one microsecond longer': {
    faults: {
      engine: (sound): Engine => ({
        ...sound,
        createTrainingSet: ({ plan, ...job }) =>
          sound.createTrainingSet({
            ...job,
            plan: {
              ...plan,
              parts: plan.parts.map((part) =>
                part.kind === 'latest_row' && part.ttlMicros !== null
                  ? { ...part, ttlMicros: part.ttlMicros + 1n }
                  : part,
              ),
            },
          }),
      }),
    },
    view: 'last_click',
  },
  'one row of the source that runs do not see': {
    faults: inValues((values) => ({
      ...values,
      rows: {
        ...values.rows,
        where: {
          sql: `price <> ${ONE_CLICK}`,
          type: 'bool',
          canFail: false,
          tree: {
            kind: 'call',
            name: '<>',
            type: 'bool',
            args: [
              { kind: 'column', name: 'price', type: 'float64' },
              { kind: 'literal', value: ONE_CLICK, type: 'float64' },
            ],
          },
        },
      },
    })),
    view: 'spending',
  },
  'one key whose row is lost on the way to the store': {
    faults: { online: () => new LosesOneKey() },
    view: 'spending',
  },
  'a stale generation': {
    faults: { online: () => new KeepsTheFirstRun() },
    view: 'last_click',
  },
  'one entry that lost its newest row': {
    faults: { online: () => new ForgetsTheNewestRow() },
    view: 'recent',
  },
  'one entry that is lost on the way to the store': {
    faults: { online: () => new LosesOneKey() },
    view: 'recent',
  },
  'stale entries': {
    faults: { online: () => new KeepsTheFirstRun() },
    view: 'recent',
  },
  'entries whose rows begin one microsecond late': {
    faults: {
      engine: (sound): Engine => ({
        ...sound,
        materializeEntries: ({ plan, ...job }) =>
          sound.materializeEntries({ ...job, plan: { ...plan, fromMicros: (plan.fromMicros ?? 0n) + 1n } }),
      }),
    },
    view: 'recent',
  },
};

describe('seeded faults', () => {
  test('without one nothing differs, and the same sample is drawn again', async () => {
    const { differences, compared, features, skipped } = await project.verify();
    assert.deepEqual([differences, skipped], [0, []]);
    assert.ok(compared >= 3000, `${compared} values`);
    const again = await project.verify({}, 'last_click');
    assert.deepEqual(
      again.features,
      features.filter(({ feature }) => feature.startsWith('last_click')),
    );
  });

  for (const [fault, { faults, view }] of Object.entries(FAULTS)) {
    test(fault, async () => {
      const { differences, examples } = await project.verify(faults, view);
      assert.ok(differences > 0 && examples.length > 0);
    });
  }
});
