// All rows of a stream's history and lake, key by key.
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { erasedSteps } from '../../sql/duckdb/erased.ts';
import { POSITION_COLUMNS } from '../../sql/duckdb/scan-stream.ts';
import { keyNames, rowsSelect } from '../../sql/rows.ts';
import { filePath } from '../../storage/location.ts';
import type { StoredEventEngine, StoredEventRow } from '../event-engine.ts';
import { chunkRows } from './chunk-rows.ts';
import { localFile, localPaths } from './local-jobs.ts';
import { type ReadRow, readableRows } from './readable-rows.ts';
import { scanner } from './scanner.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';

const { partition: PARTITION, offset: OFFSET } = POSITION_COLUMNS;

export const duckdbStoredEvents = (limits: EngineLimits): StoredEventEngine => ({
  async *rowsByKey({ plan, files, folder, signal }) {
    const local = files.map(localFile);
    const paths = localPaths(local);
    const access = { files: paths, foreign: paths, folders: [filePath(folder)], signal };
    await using session = await DuckdbSession.open({ ...limits, ...access });
    const scan = await scanner(session, [plan], new Map([[plan.scan.id, local]]));
    for (const { sql } of erasedSteps([plan])) await session.run(sql);
    const also = [PARTITION, OFFSET];
    const { items, types, read } = readableRows(plan, also);
    const select = rowsSelect(duckdbDialect, plan, scan(plan, { fromMicros: null, toMicros: null }), { also });
    const order = keyNames(plan).join(', ');
    for await (const chunk of session.chunks(`SELECT ${items}\nFROM (\n${select}\n)\nORDER BY ${order}`))
      yield [...chunkRows(chunk, types)].map((row) => storedRow(read(row)));
  },
});

const storedRow = ({ also: [partition = null, offset = null], ...row }: ReadRow): StoredEventRow => ({
  ...row,
  position: offset === null ? null : { partition: Number(partition), offset: offset as bigint },
});
