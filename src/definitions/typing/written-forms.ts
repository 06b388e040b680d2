// What users wrote, and what comes close to it here, for names that the parser gives to forms of SQL or that other
// engines have. The words of the parser itself (`list_value`, `~~`) would tell a user nothing.

interface WrittenForm {
  /** As the user knows it. */
  readonly written: string;
  readonly instead: string | null;
}

const form = (written: string, instead: string | null = null): WrittenForm => ({ written, instead });

const FORMS: ReadonlyMap<string, WrittenForm> = new Map([
  ['list_value', form('a list [ … ]')],
  ['list_apply', form('a list [ … FOR … ]')],
  ['struct_pack', form('a struct { … }')],
  ['map', form('a map')],
  ['row', form('a row ( … , … )')],
  ['timezone', form('AT TIME ZONE')],
  ['regexp_full_match', form('a regular expression (~ or SIMILAR TO)', 'contains')],
  ['~~', form('LIKE', 'starts_with')],
  ['!~~', form('NOT LIKE', 'starts_with')],
  ['~~*', form('ILIKE', 'contains')],
  ['!~~*', form('NOT ILIKE', 'contains')],
  ['~~~', form('GLOB', 'starts_with')],
  ['!__postfix', form('the operator ! after a value')],
  ['**', form('the operator **', 'pow')],
  ['^', form('the operator ^', 'pow')],
  ['@', form('the operator @', 'abs')],
]);

/** Names of other engines that are no misspelling of ours. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['nvl', 'coalesce'],
  ['isnull', 'IS NULL'],
  ['mod', '%'],
  ['fmod', '%'],
  ['strlen', 'length'],
  ['size', 'length'],
  ['square', 'pow'],
  ['loge', 'ln'],
  ['log1p', 'ln'],
  ['expm1', 'exp'],
  ['signum', 'sign'],
  ['startswith', 'starts_with'],
  ['min', 'least'],
  ['max', 'greatest'],
  ['unix_timestamp', 'epoch'],
  ...['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year', 'dayofweek', 'weekday'].map(
    (part) => [part, 'date_part'] as const,
  ),
]);

export const writtenForm = (name: string): WrittenForm | undefined => FORMS.get(name.toLowerCase());
export const nameElsewhere = (name: string): string | null => ELSEWHERE.get(name.toLowerCase()) ?? null;
