// Steps of a script: temporary tables and views.
import type { Step } from '../script.ts';

export const table = (name: string, purpose: string, select: string): Step => ({
  name,
  purpose,
  sql: `CREATE TEMP TABLE ${name} AS\n${select}`,
});

export const view = (name: string, purpose: string, select: string): Step => ({
  name,
  purpose,
  sql: `CREATE TEMP VIEW ${name} AS\n${select}`,
});
