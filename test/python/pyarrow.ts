// pyarrow, in a virtual environment that is made once.
import { join } from 'node:path';
import { programsWith } from './virtual-environment.ts';

/** A Python that has it; null where Python or the index is not there. */
export async function pythonWithPyarrow(): Promise<string | null> {
  const programs = await programsWith('pyarrow', '26.0.1');
  return programs === null ? null : join(programs, 'python');
}
