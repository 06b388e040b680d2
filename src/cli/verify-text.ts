// A verification, for people.
import type { VerifyChanges, VerifyReport } from '../../schemas/wire-types.ts';
import { exampleLine, rounded } from '../audit/report-lines.ts';
import { count } from '../counted.ts';
import { quantity, section, table } from './table.ts';
import { durationText } from './units.ts';

export function verifyText(report: VerifyReport): string {
  const { features, examples, changes } = report;
  const rows = features.map(({ feature, compared, differs, maxAbs }) => [feature, compared, differs, maxAbs]);
  return [
    ...(rows.length === 0 ? [] : [table(['feature', 'compared', 'differ', 'greatest distance'], rows), '']),
    ...(examples.length === 0 ? [] : [section('differences', examples.map(exampleLine).join('\n'))]),
    ...(changes === undefined ? [] : changesText(changes)),
    verdictOf(report),
  ].join('\n');
}

function verdictOf({ id, compared, equal, differences, seed }: VerifyReport): string {
  if (compared === 0) return 'Nothing was compared: no row of a feature view that a service reads online was found.';
  const differing = differences === 0 ? '' : `, ${count(differences)} DIFFER`;
  return `${count(equal)} of ${count(compared)} values are equal${differing} (seed ${seed}, report ${id}).`;
}

const distance = (moved: number | null) => (moved === null ? null : quantity(rounded(moved)));

function changesText({ against, services, features, notCompared, refill }: VerifyChanges): readonly string[] {
  const moved = features.map(({ feature, services, keys, movedKeys, meanAbs, maxAbs }) => [
    ...[feature, services.join(', '), movedKeys, keys, distance(meanAbs), distance(maxAbs)],
  ]);
  const columns = services.flatMap(({ service, added, removed }) => [
    ...added.map((column) => `${service} gains ${column}`),
    ...removed.map((column) => `${service} loses ${column}`),
  ]);
  const filled = refill.map(({ view, reason, rows, seconds }) => [
    ...[view, reason, seconds === null ? null : quantity(durationText(seconds)), rows],
  ]);
  const head = ['feature', 'services', 'keys that move', 'of', 'by, on average', 'by, at most'];
  return [
    ...(moved.length === 0 ? [] : [section(`moved against version ${against}`, table(head, moved))]),
    ...(columns.length === 0 ? [] : [section('columns of services', columns.join('\n'))]),
    ...notCompared.map(({ view, reason }) => `${view} is not compared with version ${against}: ${reason}\n`),
    ...(filled.length === 0
      ? []
      : [section('to be filled anew', table(['view', 'why', 'takes about', 'rows'], filled))]),
  ];
}
