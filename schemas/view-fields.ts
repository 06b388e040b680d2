// What feature views of several kinds have in common.
import { z } from 'zod';
import {
  catchUpField,
  cronField,
  documentedFields,
  durationField,
  durationOrZeroField,
  nameField,
  textField,
} from './fields.ts';

/** Which rows of a source are those of a key. */
export const rowsOfKeyFields = () => ({
  entities: z
    .array(nameField(), { error: 'a list of entity names' })
    .describe(
      'Names of the entities whose join keys identify a row; none ([]): all rows are of one key, looked up by {}.',
    ),
  source: nameField().describe('Name of the source.'),
  joinKeyColumns: z
    .record(nameField(), textField(), { error: 'an object from join key to source column' })
    .describe('Source column of a join key; default: the column of the same name.')
    .optional(),
  where: textField().describe("SQL condition over the source's columns; rows that fail it do not exist.").optional(),
});

export const viewFields = () => ({
  name: nameField().describe('Unique among feature views.'),
  ...rowsOfKeyFields(),
  refresh: z
    .strictObject({
      every: durationField().describe('Boundaries at which a run computes the view.'),
      delay: durationOrZeroField().describe('How long after a boundary its run is published; default 0s.').optional(),
    })
    .describe('Omitted: continuous, always up to date.')
    .optional(),
  schedule: cronField()
    .describe('Without refresh: when a scheduler runs the view, as five fields of cron in UTC.')
    .optional(),
  catchUp: catchUpField().optional(),
  visibleFrom: z
    .enum(['event_time', 'created_time'])
    .describe('From when a row can be seen; created_time needs a createdTimestampColumn. Default event_time.')
    .optional(),
  online: z
    .boolean({ error: 'true or false' })
    .describe('false: in training sets only, neither materialized nor looked up; default true.')
    .optional(),
  ...documentedFields(),
});

/** Of one aggregate, besides the view's. */
export const ownWhere = () => ({
  where: textField()
    .describe(
      "SQL condition over the source's columns, besides the view's: rows that fail it do not exist for this feature.",
    )
    .optional(),
});

/** Of an aggregate: what makes its value a struct, or a map. */
export const rowsAndMaps = () => ({
  columns: z
    .array(textField(), { error: 'a list of columns' })
    .min(1, { error: 'at least one column' })
    .describe('For first_row and last_row: the columns of the row, as one struct.')
    .optional(),
  by: textField()
    .describe('A value for each value of this column, as a map. Rows in which it is null are ignored.')
    .optional(),
  top: z
    .int({ error: 'a whole number from 1 to 1000' })
    .describe('Of a map only so many keys, those with the greatest values, in that order; 1 to 1000.')
    .optional(),
  as: z.literal('keys', { error: 'keys' }).describe('The keys of the map alone, as a list.').optional(),
});

export const columnOrExpression = () => ({
  column: textField().describe('Source column; instead of an expression.').optional(),
  expression: textField().describe("One SQL scalar expression over the source's columns.").optional(),
});
