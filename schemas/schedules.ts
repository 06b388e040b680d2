// The contract of `schedules` and `notify` of the project file.
import { z } from 'zod';
import { catchUpField, cronField, nameField, textField } from './fields.ts';

const URL_TEXT = 'an address such as https://alerts.example.com/plumb';

const commandScheduleSchema = z.strictObject({
  name: nameField().describe('Unique among schedules, and not the name of a feature view that has one.'),
  cron: cronField().describe('When, as five fields of cron in UTC.'),
  run: textField()
    .max(4000, { error: 'at most 4,000 characters' })
    .describe('A plumb command without `plumb`, such as `gc --max-time 10m`.'),
  catchUp: catchUpField().optional(),
});

export const schedulesField = () =>
  z
    .array(commandScheduleSchema, { error: 'a list of schedules' })
    .max(1000, { error: 'at most 1,000 schedules' })
    .describe(
      'Commands that a [scheduler](../schedules.md) runs: each `{ name, cron, run, catchUp }`; relative paths in them are relative to this file.',
    )
    .default([]);

export const notifySchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: URL_TEXT })
    .describe('Is sent a POST with JSON where a schedule fails; it may hold a secret, and is never shown.')
    .optional(),
});
