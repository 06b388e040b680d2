// What is told of one value, as `plumb get --explain` prints it and HTTP returns it: the contract's words over values as JSON.
import type { ExplainedRow, ExplainedWindow, Explanation as WireExplanation } from '../../../schemas/wire-types.ts';
import type { Json } from '../../lossless-json.ts';

export type Explanation = WireExplanation<Json>;
export type RowTold = ExplainedRow<Json>;
export type WindowTold = ExplainedWindow;
