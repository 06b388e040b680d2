// The generation of a former definition that training sets are bound to, as far as its runs go.
import type { ServableView } from '../catalog/catalog.ts';
import { heldName } from '../catalog/learned.ts';
import type { LiveGeneration } from '../online/serving-state.ts';
import type { Materialized } from './freshness.ts';

export interface HeldView {
  readonly view: ServableView;
  /** `churn@12`. */
  readonly boundTo: readonly string[];
  /** null: the next run fills it. */
  readonly generation: LiveGeneration | null;
}

/** Beside the names of views, which have no such characters. */
export const nameOf = ({ view, boundTo }: HeldView): string => heldName(view.name, boundTo);

/** Of its schedule: the same whichever training sets are bound to it. */
export const scheduleNameOf = ({ view: { name, fingerprint } }: HeldView): string =>
  `${name}__${fingerprint.slice(0, 8)}`;

export const materializedOf = ({ generation }: HeldView): Materialized => ({
  watermarkMicros: generation?.watermarkMicros ?? null,
  isCurrent: generation !== null,
});
