// Training sets, for people.
import { basename } from 'node:path';
import { counted } from '../counted.ts';
import type { DatasetManifest, Explanation } from '../offline/dataset.ts';
import { reuseLines } from '../offline/reuse.ts';
import { facts, quantity, section, table } from './table.ts';
import { sizeText } from './units.ts';

export function createdText({ name, version, rows, columns, parts }: DatasetManifest, outPath: string | null): string {
  const size = [counted(rows, 'row'), counted(columns.length, 'column'), counted(parts.length, 'part')].join(', ');
  return `Created ${name}@${version}: ${size}${outPath === null ? '' : `; also in ${basename(outPath)}`}.`;
}

export function manifestText(manifest: DatasetManifest): string {
  const { labels, columns, parts, sources } = manifest;
  const overview = facts([
    ['service', withVersion(manifest)],
    ['created', manifest.createdAt],
    ['registry version', manifest.registryVersion ?? 'a draft: its definitions were not registered'],
    ['rows', manifest.rows],
    ['labels', `${labels.file} by ${labels.timestampColumn}`],
    ['labels from', labels.interval?.from ?? null],
    ['labels to', labels.interval?.to ?? null],
    ['reused', manifest.reused === undefined ? null : reuseLines(manifest).join('; ')],
    ['warnings', (manifest.warnings ?? []).join('; ') || null],
    ['sources', sources.map(({ name, files }) => `${name} (${counted(files.length, 'file')})`).join(', ')],
  ]);
  return [
    section(`dataset ${manifest.name}@${manifest.version}`, overview),
    section(
      'columns',
      table(
        ['name', 'type', 'physical'],
        columns.map(({ name, type, physical }) => [name, type, physical]),
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

const withVersion = ({ service, serviceVersion }: DatasetManifest): string =>
  serviceVersion === undefined ? service : `${service}@${serviceVersion}`;

export const explanationText = ({ plan, strategy, sql }: Explanation): string =>
  [
    section('plan', plan),
    section('strategy', strategy.join('\n')),
    ...sql.map((statement) => section('sql', statement)),
  ].join('\n');
