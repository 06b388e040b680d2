// A verification, for people.
import type { VerifyReport } from '../../schemas/wire-types.ts';
import { exampleLine } from '../audit/report-lines.ts';
import { count } from '../counted.ts';
import { section, table } from './table.ts';

export function verifyText({ id, compared, equal, differences, features, examples, seed }: VerifyReport): string {
  const rows = features.map(({ feature, compared, differs, maxAbs }) => [feature, compared, differs, maxAbs]);
  const verdict =
    compared === 0
      ? 'Nothing was compared: no row of a feature view that a service reads online was found.'
      : `${count(equal)} of ${count(compared)} values are equal${differences === 0 ? '' : `, ${count(differences)} DIFFER`} (seed ${seed}, report ${id}).`;
  return [
    ...(rows.length === 0 ? [] : [table(['feature', 'compared', 'differ', 'greatest distance'], rows), '']),
    ...(examples.length === 0 ? [] : [section('differences', examples.map(exampleLine).join('\n'))]),
    verdict,
  ].join('\n');
}
