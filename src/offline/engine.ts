// All that an engine does. Who needs a part of it takes that port.
import type { Compute } from './compute.ts';
import type { HistorySampling } from './history-sampling.ts';
import type { KeyRowReading } from './key-rows.ts';
import type { PartErasing } from './part-erasing.ts';
import type { PartExport, PartReading } from './part-files.ts';
import type { SourceStatistics } from './source-statistics.ts';

export interface Engine
  extends Compute,
    PartReading,
    PartExport,
    PartErasing,
    SourceStatistics,
    HistorySampling,
    KeyRowReading {}
