// What applies the events of a project.
import type { ObservedSources } from './observed-freshness.ts';

export interface Streams {
  /** Until `signal` aborts; what fails meanwhile is told and tried again. */
  serve(signal: AbortSignal): Promise<void>;
  /** Since it was opened. */
  observed(): ObservedSources;
}
