// Training sets, for people.
import { basename } from 'node:path';
import type { ImmatureLabel } from '../../schemas/wire-types.ts';
import { counted } from '../counted.ts';
import type { DatasetManifest, Explanation } from '../offline/dataset.ts';
import { reuseLines } from '../offline/reuse.ts';
import { facts, quantity, section, table } from './table.ts';
import { sizeText } from './units.ts';

export function createdText({ name, version, rows, columns, parts }: DatasetManifest, outPath: string | null): string {
  const size = [counted(rows, 'row'), counted(columns.length, 'column'), counted(parts.length, 'part')].join(', ');
  return `Created ${name}@${version}: ${size}${outPath === null ? '' : `; also in ${basename(outPath)}`}.`;
}

export function manifestText(manifest: DatasetManifest, isBound: boolean): string {
  const { labels, columns, parts, sources } = manifest;
  const overview = facts([
    ['service', withVersion(manifest)],
    ['started', manifest.startedAt ?? null],
    ['created', manifest.createdAt],
    ['registry version', manifest.registryVersion ?? 'a draft: its definitions were not registered'],
    ['bound', isBound ? 'yes: lookups by it are answered whatever is defined' : null],
    ['rows', manifest.rows],
    ['labels', `${labels.file} by ${labels.timestampColumn}`],
    ['labels from', labels.interval?.from ?? null],
    ['labels to', labels.interval?.to ?? null],
    ['reused', manifest.reused === undefined ? null : reuseLines(manifest).join('; ')],
    ['not matured', (manifest.immature ?? []).map((label) => immatureText(label, manifest.rows)).join('; ') || null],
    ['warnings', (manifest.warnings ?? []).join('; ') || null],
    ['sources', sources.map(({ name, files }) => `${name} (${counted(files.length, 'file')})`).join(', ')],
  ]);
  return [
    section(`dataset ${manifest.name}@${manifest.version}`, overview),
    section(
      'columns',
      table(
        ['name', 'what', 'type', 'physical'],
        columns.map((column) => [column.name, whatOf(column, manifest), typeOf(column), column.physical]),
      ),
    ),
    section(
      'parts',
      table(
        ['path', 'rows', 'size', 'sha256'],
        parts.map((part) => [part.path, part.rows, quantity(sizeText(part.sizeBytes)), part.sha256]),
      ),
    ),
  ].join('\n');
}

type Column = DatasetManifest['columns'][number];

/** A column of the labels that were given has no type of a feature, and is no label that a view defines. */
const typeOf = ({ type }: Column): string | null => (type === 'label' ? null : type);

function whatOf({ name, type }: Column, { features = [] }: DatasetManifest): string {
  if (type === 'label') return 'given';
  return features.find((feature) => feature.name === name)?.label === true ? 'label' : 'feature';
}

const immatureText = ({ name, rows }: ImmatureLabel, all: number): string =>
  `${name} in ${rows === 0 ? 'none' : rows} of ${counted(all, 'row')}`;

/** For people: one line for each label. */
export const immatureLines = ({ rows, startedAt, immature = [] }: DatasetManifest): readonly string[] =>
  immature.map((label) => `labels that had not matured by ${startedAt}: ${immatureText(label, rows)}`);

const withVersion = ({ service, serviceVersion }: DatasetManifest): string =>
  serviceVersion === undefined ? service : `${service}@${serviceVersion}`;

export const explanationText = ({ plan, strategy, sql }: Explanation): string =>
  [
    section('plan', plan),
    section('strategy', strategy.join('\n')),
    ...sql.map((statement) => section('sql', statement)),
  ].join('\n');
