// The bodies of one load, all made before it starts. The same arguments make the same bodies, so that all who are
// measured answer the same questions.
import { mulberry32 } from '../random.ts';
import { entitiesOf, type ServingCase } from './cases.ts';

/** About this many random keys per load: enough that no cache but the store's own has them. */
const DRAWS = 100_000;

/** `keys`: drawn from 0 to this. */
export function requestBodies(asked: ServingCase, keys: number, seed: number): readonly string[] {
  const random = mulberry32(seed);
  const draw = (): number => Math.floor(random() * keys);
  const fields = asked.fields === undefined ? '' : `,${asked.fields}`;
  const isBeside = entitiesOf(asked).length > 1;
  return Array.from({ length: Math.ceil(DRAWS / asked.entities) }, () => {
    const user = draw();
    const entities = Array.from({ length: asked.entities }, () =>
      isBeside ? `{"user_id":${user},"item_id":${draw()}}` : `{"user_id":${draw()}}`,
    );
    return `{"service":"${asked.service}","entities":[${entities.join(',')}]${fields}}`;
  });
}
