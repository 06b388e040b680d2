// An answer for people: a table per entity.

import { jsonLine } from '../../json-text.ts';
import type { Json, JsonObject } from '../../lossless-json.ts';
import { type Cell, table } from '../table.ts';
import type { Answer } from './answer.ts';
import type { Change } from './changes.ts';

/** With `changes`, when each value changed last and what it was. */
export const answerText = (entities: readonly JsonObject[], answer: Answer, changes: readonly Change[] = []): string =>
  blocksText(entities, answer, changes, () => true);

/** The changed values alone. */
export const changesText = (entities: readonly JsonObject[], answer: Answer, changes: readonly Change[]): string =>
  blocksText(entities, answer, changes, (change) => change !== undefined);

function blocksText(
  entities: readonly JsonObject[],
  answer: Answer,
  changes: readonly Change[],
  isShown: (change: Change | undefined) => boolean,
): string {
  const changeOf = new Map(changes.map((change) => [`${change.entity} ${change.feature}`, change]));
  const blocks = entities.flatMap((entity, i) => {
    const lines = answer.features.flatMap((_feature, j) => {
      const change = changeOf.get(`${i} ${j}`);
      return isShown(change) ? [cells(answer, i, j, change)] : [];
    });
    return lines.length === 0 ? [] : [`${jsonLine(entity)}\n${tableOf(lines)}\n`];
  });
  return [...blocks, footer(answer)].join('\n');
}

const HEAD = ['feature', 'value', 'status', 'event time', 'changed', 'before'];
/** Columns from here on are left out where they hold nothing. */
const OPTIONAL_FROM = 3;

function cells({ features, rows, statuses, eventTimes }: Answer, i: number, j: number, change?: Change): Cell[] {
  const status = statuses[i]?.[j] ?? null;
  return [
    features[j] ?? null,
    valueCell(rows[i]?.[j]),
    status,
    eventTimes?.[i]?.[j] ?? null,
    change?.at ?? null,
    change === undefined ? null : beforeText(change, status),
  ];
}

function beforeText({ valueBefore, statusBefore }: Change, status: Cell): Cell {
  return status === statusBefore ? valueCell(valueBefore) : `${valueCell(valueBefore)} ${statusBefore}`;
}

function tableOf(lines: readonly (readonly Cell[])[]): string {
  const isShown = HEAD.map((_name, column) => column < OPTIONAL_FROM || lines.some((line) => line[column] !== null));
  const shown = <T>(row: readonly T[]): T[] => row.filter((_cell, column) => isShown[column]);
  return table(shown(HEAD), lines.map(shown));
}

function footer({ at, service, version, serviceVersion, asOf = {}, changed = [] }: Answer): string {
  const isBound = serviceVersion !== undefined;
  const why = isBound ? 'which is what was asked for' : 'run `plumb materialize`';
  const former = (view: string): string => (changed.includes(view) ? `, by its former definition: ${why}` : '');
  const views = Object.entries(asOf).map(([view, until]) => `${view} as of ${until}${former(view)}`);
  const bound = isBound ? `, ${service}@${serviceVersion}` : '';
  return [`at ${at}, registry version ${version}${bound}`, ...views].join('\n');
}

const CONTROL = /\p{Cc}/u;

/** A string as it is, unless a terminal would take part of it for a command. */
export const valueCell = (value: Json | undefined): Cell =>
  typeof value === 'string' && !CONTROL.test(value) ? value : jsonLine(value ?? null);
