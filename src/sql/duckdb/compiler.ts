// Plans → DuckDB's SQL.
import { createCompiler, type EngineCompiler } from '../engine-compiler.ts';
import { commas } from '../script.ts';
import type { DuckdbContext } from './context.ts';
import { duckdbDialect } from './dialect.ts';
import { entriesFragment } from './entries/entries.ts';
import { erasedSteps } from './erased.ts';
import { latestRowKeys, windowsKeys } from './keys-at-grid.ts';
import { latestRowAtBoundary, latestRowAtLabels } from './latest-row.ts';
import { windowsAtBoundary, windowsAtLabels } from './windows/windows.ts';

export const createDuckdbCompiler = (context: DuckdbContext): EngineCompiler =>
  createCompiler({
    dialect: duckdbDialect,
    strategies: {
      atLabels: {
        windows: (node, part) => windowsAtLabels(context, node, part),
        latest_row: (node, part) => latestRowAtLabels(context, node, part),
      },
      atBoundary: {
        windows: (node, part) => windowsAtBoundary(context, node, part),
        latest_row: (node, part, incremental) => latestRowAtBoundary(context, node, part, incremental),
      },
      keysAtGrid: {
        windows: (node, part) => windowsKeys(context, node, part),
        latest_row: (node, part) => latestRowKeys(context, node, part),
      },
      entries: (node) => entriesFragment(context, node),
      erased: erasedSteps,
      goneKeys: (keys, stored, result) => {
        const names = commas(keys.map(({ name }) => duckdbDialect.ident(name)));
        return `SELECT DISTINCT ${names} FROM ${stored} ANTI JOIN ${result} USING (${names})`;
      },
    },
  });
