// The embedded engine: plans run in one locked-down DuckDB instance each.
import type { Engine } from '../engine.ts';
import { exportParts } from './export.ts';
import { filesBehind } from './files-behind.ts';
import { materialize } from './materialization.ts';
import { readParts } from './read-parts.ts';
import type { EngineLimits } from './session.ts';
import { createTrainingSet, explainTrainingSet } from './training-set.ts';

export function createDuckdbEngine(limits: EngineLimits): Engine {
  return {
    createTrainingSet: (job) => createTrainingSet(limits, job),
    explainTrainingSet: (job) => explainTrainingSet(limits, job),
    materialize: (job) => materialize(limits, job),
    readParts: (paths, columns, signal) => readParts(limits, paths, columns, signal),
    exportParts: (paths, target, folder, signal) => exportParts(limits, paths, target, folder, signal),
    filesBehind: (source, files, beforeMicros, signal) => filesBehind(limits, source, files, beforeMicros, signal),
  };
}
