// The one queue of jobs of a server, for its workers: both ends of the calls.
import { PlumbError } from '../../schemas/errors.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobFunctions } from './agreement.ts';
import type { Remote } from './calls.ts';

/** In the primary, for one worker. Disposing, once the worker is gone, gives back the places that it held. */
export function jobsForWorker(jobs: JobQueue): { readonly functions: JobFunctions } & Disposable {
  const places = new Map<number, Disposable>();
  let lastPlace = 0;
  let isGone = false;
  const release = (place: number): void => {
    places.get(place)?.[Symbol.dispose]();
    places.delete(place);
  };
  const functions: JobFunctions = {
    async reserve() {
      const taken = await jobs.reserve();
      // The last messages of a process may be read after its end is known: nobody would give this place back.
      if (isGone) {
        taken[Symbol.dispose]();
        throw new PlumbError('INTERRUPTED', 'the worker that asked for a place has ended');
      }
      lastPlace += 1;
      places.set(lastPlace, taken);
      return lastPlace;
    },
    release,
    async create(wanted, place) {
      if (place === null) return await jobs.create(wanted);
      const taken = places.get(place);
      if (taken === undefined) throw new PlumbError('INTERNAL', 'internal error: the place of the job is gone');
      places.delete(place);
      return await jobs.create(wanted, taken);
    },
    get: (id) => jobs.get(id),
    cancel: (id) => jobs.cancel(id),
    page: (kind, limit, after) => jobs.page(kind, limit, after),
    refuseNew: () => jobs.refuseNew(),
  };
  const dispose = (): void => {
    isGone = true;
    for (const place of places.keys()) release(place);
  };
  return { functions, [Symbol.dispose]: dispose };
}

class Place implements Disposable {
  readonly number: number;
  readonly #release: (place: number) => void;

  constructor(number: number, release: (place: number) => void) {
    this.number = number;
    this.#release = release;
  }

  [Symbol.dispose](): void {
    this.#release(this.number);
  }
}

/** In a worker. */
export const jobsOfPrimary = (primary: Remote<JobFunctions>): JobQueue => ({
  reserve: async () => new Place(await primary.reserve(), (place) => void primary.release(place)),
  create: (wanted, place) => primary.create(wanted, place instanceof Place ? place.number : null),
  get: (id) => primary.get(id),
  cancel: (id) => primary.cancel(id),
  page: (kind, limit, after) => primary.page(kind, limit, after),
  refuseNew: () => void primary.refuseNew(),
});
