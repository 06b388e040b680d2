// How often a label's instant is the event time of the very row that the label gets: a sign that the row tells the target.
import type { TrainingSetNode } from '../plan/nodes.ts';
import { labelMatch } from './labels.ts';
import type { Fragment } from './script.ts';

export interface RowInstants {
  readonly view: string;
  /** A SELECT of one row, over the tables of the steps: `same`, the number of such labels. */
  readonly sql: string;
}

/** One for each row view that reads rows up to the label's instant itself, and each role of its entity. */
export const rowInstants = (plan: TrainingSetNode, fragments: readonly Fragment[]): readonly RowInstants[] =>
  plan.parts.flatMap((part, i) => {
    const { at } = part;
    const values = fragments[i]?.table;
    if (part.kind !== 'latest_row' || at.kind !== 'label_instants' || values === undefined) return [];
    return at.roles.map((_, role) => ({
      view: part.view,
      sql: `SELECT count(*) AS same FROM labels JOIN ${values} r ON ${labelMatch(plan.labels, at, role, 'r')} WHERE r.row_ts = t`,
    }));
  });
