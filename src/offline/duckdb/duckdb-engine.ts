// The embedded engine: plans run in one locked-down DuckDB instance each.
import { filePath } from '../../storage/location.ts';
import type { Engine } from '../engine.ts';
import { findErased, writeWithout } from './erase-parts.ts';
import { countErased } from './erased-rows-of-source.ts';
import { exportParts } from './export.ts';
import { filesBehind } from './files-behind.ts';
import { latestMicros, sampleHistory } from './history-sample.ts';
import { readKeyRows } from './key-rows.ts';
import { explainKeys, listKeys } from './keys.ts';
import { localFile, localKeysJob, localRunJob, localTrainingSetJob } from './local-jobs.ts';
import { materialize, materializeEntries } from './materialization.ts';
import { readParts } from './read-parts.ts';
import type { EngineLimits } from './session.ts';
import { createTrainingSet, explainTrainingSet } from './training-set.ts';

export function createDuckdbEngine(limits: EngineLimits): Engine {
  return {
    createTrainingSet: async (job) => await createTrainingSet(limits, localTrainingSetJob(job)),
    explainTrainingSet: async (job) => await explainTrainingSet(limits, localTrainingSetJob(job)),
    listKeys: async (job) => await listKeys(limits, localKeysJob(job)),
    explainKeys: async (job) => await explainKeys(limits, localKeysJob(job)),
    materialize: async (job) => await materialize(limits, localRunJob(job)),
    materializeEntries: async (job) => await materializeEntries(limits, localRunJob(job)),
    readParts: (parts, columns, signal) => readParts(limits, parts.map(filePath), columns, signal),
    exportParts: async (parts, target, { folder, signal, metadata }) =>
      await exportParts({ ...limits, signal }, parts.map(filePath), {
        target: filePath(target),
        folder: filePath(folder),
        metadata,
      }),
    findErased: (part, job) => findErased(limits, part, job),
    writeWithout: (part, target, job) => writeWithout(limits, part, { ...job, target }),
    countErased: (job) => countErased(limits, { ...job, files: job.files.map(localFile) }),
    filesBehind: async (source, files, beforeMicros, signal) =>
      await filesBehind({ ...limits, signal }, source, files.map(localFile), beforeMicros),
    readKeyRows: async (job) => await readKeyRows(limits, { ...job, files: job.files.map(localFile) }),
    latestMicros: async (job) => await latestMicros(limits, { ...job, files: job.files.map(localFile) }),
    sampleHistory: async (job) => await sampleHistory(limits, { ...job, files: job.files.map(localFile) }),
  };
}
