// Label views: what comes after an instant, for training sets only.
import { z } from 'zod';
import { aheadField, defaultField, documentedFields, durationField, nameField } from './fields.ts';
import { AGGREGATES } from './types.ts';
import { columnOrExpression, ownWhere, rowsAndMaps, rowsOfKeyFields } from './view-fields.ts';

const LABEL_IS_OFFLINE =
  'no `online: true`: a label tells what comes after its instant, so that nothing can be served of it';
const LABEL_KNOWS_ALL =
  'event_time: a label counts every row that is known when the training set is built, whenever it was created';

export const labelFeatureSchema = z.strictObject({
  name: nameField().describe('Unique in its view.'),
  aggregate: z.enum(AGGREGATES).describe('What is computed over the rows of the window.'),
  ...columnOrExpression(),
  ...ownWhere(),
  ...rowsAndMaps(),
  window: aheadField().describe("How far ahead of the label's instant t rows count, e.g. 7d: those in [t, t + 7d)."),
  n: z.int({ error: 'a whole number from 1 to 1000' }).describe('For last_n: how many values, 1 to 1000.').optional(),
  p: z.number({ error: 'a number between 0 and 1' }).describe('For approx_percentile: between 0 and 1.').optional(),
  gap: durationField()
    .describe('For session_…: the longest time between two neighbouring rows of one session.')
    .optional(),
  default: defaultField()
    .describe('Replaces null where the window has passed; until then the value is null.')
    .optional(),
  ...documentedFields(),
});

export const labelViewSchema = z
  .strictObject({
    kind: z.literal('label').describe('What comes after an instant: columns of training sets, never served.'),
    name: nameField().describe('Unique among feature views.'),
    ...rowsOfKeyFields(),
    visibleFrom: z.literal('event_time', { error: LABEL_KNOWS_ALL }).describe('The only way for a label.').optional(),
    online: z.literal(false, { error: LABEL_IS_OFFLINE }).describe('The only way for a label.').optional(),
    ...documentedFields(),
    features: z
      .array(labelFeatureSchema, { error: 'a list of features' })
      .min(1, { error: 'at least one feature' })
      .describe('In the order of `view:*`.'),
  })
  .describe('A label view: aggregates over the rows of a key from an instant on. Null until the window has passed.');
