// Whether the views that streams feed are as fresh as their operator asks for.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { readState } from '../publish.ts';
import { type LagPorts, streamLag } from './stream-lag.ts';
import { streamedViews } from './streamed-views.ts';

/** STORE_UNAVAILABLE where one is further behind its events. One that is not live is told by its lookups. */
export async function requireFresh(
  { catalog, ...ports }: LagPorts & { catalog(): Promise<Catalog> },
  mostMillis: number,
): Promise<void> {
  for (const { name } of streamedViews(await catalog())) {
    const { live } = (await readState(ports.online, name)).state;
    const lag = live === null ? null : await streamLag(ports, name, live);
    if (lag?.seconds == null || lag.seconds * 1000 <= mostMillis) continue;
    const message = `${name} is ${lag.seconds.toFixed(1)} s behind the events of ${lag.source}, more than server.maxLagMillis (${mostMillis}) allows`;
    throw new PlumbError('STORE_UNAVAILABLE', message, { details: { view: name, lagEvents: lag.events } });
  }
}
