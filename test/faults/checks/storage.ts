// Whatever a manifest names is there, whole; what is live is what a manifest names; datasets are what the evaluator says.
import { parseInstant } from '../../oracle/instants.ts';
import type { Evidence, LiveView, StoredPart, StoredRun } from '../evidence.ts';
import type { Model } from '../model.ts';
import { type Violation, violation } from './violation.ts';

export function checkStorage(evidence: Evidence, model: Model): readonly Violation[] {
  const parts = [...evidence.runs, ...evidence.datasets].flatMap((stored) => stored.parts);
  return [
    ...parts.flatMap(checkPart),
    ...evidence.live.flatMap((live) => checkLive(live, evidence.runs)),
    ...evidence.datasets.flatMap((dataset) => {
      const mismatch = model.datasetMismatch(dataset);
      return mismatch === undefined ? [] : [violation('dataset', `${dataset.name}@${dataset.version}: ${mismatch}`)];
    }),
    ...evidence.versions.flatMap(({ version, variant }) =>
      variant === null ? [violation('registry', `version ${version} is none that was applied`)] : [],
    ),
  ];
}

function checkPart({ key, sizeBytes, sha256, found }: StoredPart): readonly Violation[] {
  if (found === null) return [violation('part', `${key} is named by a manifest and is not there`)];
  if (found.sizeBytes === sizeBytes && found.sha256 === sha256) return [];
  return [
    violation(
      'part',
      `${key} has ${found.sizeBytes} bytes, ${found.sha256}; its manifest says ${sizeBytes}, ${sha256}`,
    ),
  ];
}

function checkLive({ view, run, watermarkMicros }: LiveView, runs: readonly StoredRun[]): readonly Violation[] {
  if (run === null) return [];
  const own = runs.filter((stored) => stored.view === view);
  const manifest = own.find((stored) => stored.run === run);
  if (manifest === undefined) return [violation('live', `run ${run} of ${view} is live and has no manifest`)];
  const missing = manifest.chain.filter((link) => !own.some((stored) => stored.run === link));
  return [
    ...missing.map((link) =>
      violation('chain', `run ${run} of ${view} is live and builds on ${link}, which has no manifest`),
    ),
    ...(parseInstant(manifest.until) === BigInt(watermarkMicros ?? -1)
      ? []
      : [violation('live', `${view} is live until ${watermarkMicros}, its run ${run} until ${manifest.until}`)]),
  ];
}
