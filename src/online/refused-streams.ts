// Of a store that takes no streams.
import type { PlumbError } from '../../schemas/errors.ts';
import type { StreamStore } from './stream-store.ts';

export function refusedStreams(why: () => PlumbError): StreamStore {
  const refuse = async (): Promise<never> => {
    throw why();
  };
  return { read: refuse, commit: refuse, listSentinels: refuse, dropSentinels: refuse };
}
