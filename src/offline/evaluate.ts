// The features of a service for entities at one instant, by the way of training sets; nothing is kept.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJoinKey } from '../catalog/join-key-input.ts';
import { formatInstant } from '../instant.ts';
import { jsonLine } from '../json-text.ts';
import { type JsonObject, parseJson } from '../lossless-json.ts';
import type { Labels } from '../plan/nodes.ts';
import { fileUri } from '../storage/location.ts';
import type { Compute } from './compute.ts';
import type { Evaluated, Evaluation } from './dataset.ts';
import type { Prepared } from './dataset-draft.ts';
import type { PartExport } from './part-files.ts';

/** A file of labels with the keys that the service reads. INVALID_REQUEST where a lookup would refuse an entity. */
export async function writeEntityLabels(
  { entities, atMicros }: Evaluation,
  { keys, timestampColumn }: Labels,
  folder: string,
): Promise<string> {
  const at = formatInstant(atMicros);
  const lines = entities.map((entity, i) => {
    const cells = keys.map(({ column, type }) => [column, readJoinKey(entity, i, { name: column, type })]);
    return `${jsonLine({ ...Object.fromEntries(cells), [timestampColumn]: at })}\n`;
  });
  const path = join(folder, 'entities.jsonl');
  await writeFile(path, lines.join(''));
  return path;
}

/** A name that none of these is. */
export const timeColumnBeside = (names: readonly string[]): string =>
  `at${'_'.repeat(Math.max(0, ...names.map((name) => name.length)))}`;

export async function evaluatePrepared(
  engine: Compute & PartExport,
  prepared: Prepared,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<Evaluated> {
  const { parts } = await engine.createTrainingSet({ ...prepared, folder: fileUri(folder), signal });
  const file = join(folder, 'values.jsonl');
  const uris = parts.map(({ uri }) => uri);
  await engine.exportParts(uris, fileUri(file), { folder: fileUri(folder), signal });
  const features = prepared.plan.outputs.map(({ name }) => name);
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  const rows = lines.map((line) => {
    const row = parseJson(line, 'a row') as JsonObject;
    return features.map((name) => row[name] ?? null);
  });
  return { features, rows };
}
