// For tests: manifests of runs as they are stored, without parts unless told otherwise.
import { formatInstant, parseInstant } from '../../src/instant.ts';
import { type RunManifest, runFolderName } from '../../src/offline/manifest-run.ts';

const UNTIL_MICROS = parseInstant('2026-01-08T00:00:00Z') ?? 0n;

/** A base of its own unless `rest` says otherwise. */
export function manifestOf(view: string, token: number, rest: Partial<RunManifest> = {}): RunManifest {
  const run = runFolderName(token);
  const until = formatInstant(UNTIL_MICROS);
  return {
    ...{ kind: 'run', project: 'demo', view, viewKind: 'row', run, token, mode: 'incremental', base: true },
    ...{ chain: [run], basedOn: null, generation: 'g-0', fingerprint: `fingerprint of ${view}`, registryVersion: 1 },
    ...{ until, untilMicros: String(UNTIL_MICROS), effectiveMicros: null, interval: { from: null, to: until } },
    ...{ startedAt: until, createdAt: until, sources: [], keyColumns: [], features: [], parts: [], tombstoneParts: [] },
    scan: { rows: 0, filesTotal: 0, filesScanned: 0, rowGroupsTotal: 0, rowGroupsScanned: 0 },
    ...{ rows: 0, tombstones: 0, invalidValues: {} },
    ...rest,
  };
}
