// Training sets, for people.
import { basename } from 'node:path';
import type { DatasetManifest, Explanation } from '../offline/dataset.ts';
import { facts, section, table } from './table.ts';

export function createdText({ name, version, rows, columns, parts }: DatasetManifest, outPath: string | null): string {
  const size = `${rows} rows, ${columns.length} columns, ${parts.length} ${parts.length === 1 ? 'part' : 'parts'}`;
  return `Created ${name}@${version}: ${size}${outPath === null ? '' : `; also in ${basename(outPath)}`}.`;
}

export function manifestText(manifest: DatasetManifest): string {
  const { labels, columns, parts, sources } = manifest;
  const overview = facts([
    ['service', manifest.service],
    ['created', manifest.createdAt],
    ['registry version', manifest.registryVersion],
    ['rows', manifest.rows],
    ['labels', `${labels.file} by ${labels.timestampColumn}`],
    ['labels from', labels.interval?.from ?? null],
    ['labels to', labels.interval?.to ?? null],
    ['sources', sources.map(({ name, files }) => `${name} (${files.length} files)`).join(', ')],
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
        ['path', 'rows', 'bytes', 'sha256'],
        parts.map((part) => [part.path, part.rows, part.sizeBytes, part.sha256]),
      ),
    ),
  ].join('\n');
}

export const explanationText = ({ plan, strategy, sql }: Explanation): string =>
  [
    section('plan', plan),
    section('strategy', strategy.join('\n')),
    ...sql.map((statement) => section('sql', statement)),
  ].join('\n');
