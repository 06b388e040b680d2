// pyarrow in a process of its own that writes the files of worlds; in a virtual environment that is made once.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { pythonWithPyarrow } from '../python/pyarrow.ts';

const PROGRAM = fileURLToPath(new URL('./pyarrow_writer.py', import.meta.url));

/** Types and values are Python expressions. */
export interface PyarrowFile {
  readonly path: string;
  readonly columns: readonly (readonly [name: string, type: string, values: readonly string[]])[];
  /** Named arguments of `pyarrow.parquet.write_table`. */
  readonly options: string;
}

export class PyarrowWriter implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(python: string) {
    this.#child = spawn(python, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('no standard output');
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  static async isThere(): Promise<boolean> {
    return (await pythonWithPyarrow()) !== null;
  }

  static async start(): Promise<PyarrowWriter> {
    const python = await pythonWithPyarrow();
    if (python === null) throw new Error('needs python3 with venv, and PyPI');
    return new PyarrowWriter(python);
  }

  async write(file: PyarrowFile): Promise<void> {
    this.#child.stdin?.write(`${JSON.stringify(file)}\n`);
    const { value } = await this.#answers.next();
    if (value !== 'ok') throw new Error(`pyarrow: ${value}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    this.#child.kill();
  }
}
