// Which generations are held, and by which definition: what is defined now first, then what is there, then what is to be filled.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogOf, rowView } from '../../../test/support/fake-world.ts';
import type { Catalog, RowView } from '../../catalog/catalog.ts';
import type { LiveGeneration, ServingState } from '../../online/serving-state.ts';
import { generationOf } from '../generation.ts';
import { placedIn, withoutFormer } from '../place-generation.ts';
import { boundViewsOf } from './bound-sets.ts';
import { needsOf, settled } from './needs.ts';

/** `features`: name → meaning, in their order. */
function definition(fingerprint: string, features: Readonly<Record<string, string>>): RowView {
  const named = Object.entries(features).map(([name, meaning]) => ({ name, meaning, type: 'int64' as const }));
  return rowView('clicks', { user: 'int64' }, named, { fingerprint: fingerprint.padEnd(64, '0') });
}

function catalog(view: RowView | null, members: readonly string[] = []): Catalog {
  const features = members.map((feature) => ({ name: feature, view: 'clicks', feature, readAs: ['user'] }));
  return catalogOf(view === null ? [] : [view], { ranking: features });
}

const first = definition('a', { n: 'n1', m: 'm1' });
const wider = definition('b', { n: 'n1', m: 'm1', more: 'x1' });
const other = definition('c', { n: 'n2', m: 'm1' });
const before = definition('d', { more: 'x1', n: 'n1', m: 'm1' });

const generation = (view: RowView, count = 0): LiveGeneration =>
  generationOf(view, { id: `${view.fingerprint[0]}-${count}`, run: '00000001', watermarkMicros: 5n }, null, 5n);
const stateOf = (live: RowView | null, ...bound: readonly RowView[]): ServingState => ({
  ...{ live: live === null ? null : generation(live), token: 1n, rebuildCount: 0 },
  ...(bound.length === 0 ? {} : { bound: bound.map((view) => ({ ...generation(view), isHeld: true as const })) }),
});

const churn = boundViewsOf('churn@1', catalog(first, ['n', 'm']), 'ranking');
const needs = (now: RowView | null, state: ServingState, bound = churn) =>
  needsOf(bound, { catalog: catalog(now), view: now ?? undefined }, state).map((need) => [
    ...[need.sets.join(), need.generation?.id ?? null, need.isPresent, need.definition?.view.fingerprint[0] ?? null],
  ]);

test('what is live and means the same is what is needed, whether it was the definition itself or a wider one', () => {
  assert.deepEqual(needs(first, stateOf(first)), [['churn@1', 'a-0', true, 'a']]);
  assert.deepEqual(needs(wider, stateOf(wider)), [['churn@1', 'b-0', true, null]]);
  assert.deepEqual(needs(wider, stateOf(first)), [['churn@1', 'a-0', true, 'a']]);
});

test('once something else is defined, what is live is needed for itself, and then what lies beside it', () => {
  assert.deepEqual(needs(other, stateOf(first)), [['churn@1', 'a-0', false, 'a']]);
  assert.deepEqual(needs(null, stateOf(wider)), [['churn@1', 'b-0', false, null]]);
  assert.deepEqual(needs(other, stateOf(other, first)), [['churn@1', 'a-0', false, 'a']]);
});

test('a feature that is put before those that were learned makes another definition of it', () => {
  assert.deepEqual(needs(before, stateOf(first)), [['churn@1', 'a-0', false, 'a']]);
  assert.deepEqual(needs(before, stateOf(before)), [['churn@1', null, false, 'a']]);
});

test('what is there nowhere is filled: by the present definition where it means the same, else by the one of the set', () => {
  assert.deepEqual(needs(first, stateOf(null)), []);
  assert.deepEqual(needs(first, stateOf(other)), []);
  assert.deepEqual(needs(other, stateOf(other)), [['churn@1', null, false, 'a']]);
  assert.deepEqual(needs(null, stateOf(null)), [['churn@1', null, false, 'a']]);
});

test('a definition that came back needs its former generation until its own is live', () => {
  assert.deepEqual(needs(first, stateOf(other, first)), [['churn@1', 'a-0', false, 'a']]);
  assert.deepEqual(needs(wider, stateOf(wider, first)), [['churn@1', 'b-0', true, null]]);
});

test('training sets share a generation that holds what each of them has', () => {
  const m = boundViewsOf('m@2', catalog(wider, ['m']), 'ranking');
  assert.deepEqual(needs(null, stateOf(first), [...churn, ...m]), [['churn@1,m@2', 'a-0', false, 'a']]);
  assert.deepEqual(
    needs(other, stateOf(other, first), [...churn, ...boundViewsOf('n@1', catalog(other, ['n']), 'ranking')]),
    [
      ['churn@1', 'a-0', false, 'a'],
      ['n@1', 'c-0', true, 'c'],
    ],
  );
});

const held = (state: ServingState, now: RowView | null, bound = churn): ServingState =>
  settled(state, needsOf(bound, { catalog: catalog(now), view: now ?? undefined }, state), 9n);
const shown = ({ live, bound = [] }: ServingState) =>
  [live, ...bound].map((one) => one && [one.id, one.isHeld ?? false, one.retiredAtMicros ?? null]);

test('the live generation that becomes a former one is kept at the switch where it is held, and leaves at once where not', () => {
  const start = held(stateOf(first), first);
  assert.deepEqual(shown(start), [['a-0', true, null]]);
  const switched = placedIn(start, generation(other), 'live');
  assert.deepEqual(shown(withoutFormer(held(switched, other), start.live)), [
    ['c-0', false, null],
    ['a-0', true, null],
  ]);
  assert.deepEqual(shown(withoutFormer(held(switched, other, []), start.live)), [['c-0', false, null]]);
});

test('a generation that nobody needs is retired once, and held again where somebody does', () => {
  const retired = held(stateOf(other, first), other, []);
  assert.deepEqual(shown(retired), [
    ['c-0', false, null],
    ['a-0', false, 9n],
  ]);
  assert.equal(settled(retired, [], 11n), retired);
  assert.deepEqual(shown(held(retired, other)), [
    ['c-0', false, null],
    ['a-0', true, null],
  ]);
});

test('a former definition is placed beside the live one, in the stead of what it had there', () => {
  assert.deepEqual(shown(placedIn(stateOf(other, first), generation(first, 3), 'bound')), [
    ['c-0', false, null],
    ['a-3', false, null],
  ]);
  assert.deepEqual(shown(placedIn(stateOf(first), generation(first, 3), 'bound')), [['a-3', false, null]]);
  // One that is defined again takes its own place.
  assert.deepEqual(shown(placedIn(stateOf(other, first), generation(first), 'live')), [
    ['a-0', false, null],
    ['c-0', false, null],
  ]);
});
