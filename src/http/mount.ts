// Puts the routes of a resource into the app, each as the operation that it is in the table: its errors answered, its
// duration measured. A wrapper around the one handler, and no middleware: hono then calls it without a chain.
import type { Context, Handler, Hono } from 'hono';
import { OPERATIONS, type Operation } from '../../schemas/operations.ts';
import { answerError, type ErrorPorts, isRequestId } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { refuseQuery } from './query.ts';

export interface MountPorts extends ErrorPorts {
  readonly metrics: Metrics;
}

/** A route without an operation is a defect, told at the start. */
export function mount(app: Hono, routes: Hono, ports: MountPorts): void {
  for (const { method, path, handler } of routes.routes) {
    const operation = operationOf(method, path);
    const answer = handler as Handler;
    app.on(method, path, measured(operation.id, operation.query === undefined ? withoutQuery(answer) : answer, ports));
  }
}

/** `/v1/jobs/:id` → `/v1/jobs/{id}`. */
export const documentedPath = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

function operationOf(method: string, path: string): Operation {
  const documented = documentedPath(path);
  const found = OPERATIONS.find((one) => one.method === method.toLowerCase() && one.path === documented);
  if (found !== undefined) return found;
  throw new Error(`${method} ${documented} is not in schemas/operations.ts`);
}

/** Operations with parameters check their own, against their contract. */
const withoutQuery =
  (handler: Handler): Handler =>
  (context, next) => {
    refuseQuery(context);
    return handler(context, next);
  };

const measured =
  (operation: string, handler: Handler, ports: MountPorts): Handler =>
  async (context, next) => {
    const startedMillis = performance.now();
    const requestId = context.req.header('x-request-id');
    if (requestId !== undefined && isRequestId(requestId)) context.header('x-request-id', requestId);
    const response = await answered(context, handler, next, ports);
    ports.metrics.answered(operation, response.status, (performance.now() - startedMillis) / 1000);
    return response;
  };

async function answered(
  context: Context,
  handler: Handler,
  next: () => Promise<void>,
  ports: ErrorPorts,
): Promise<Response> {
  try {
    return (await handler(context, next)) as Response;
  } catch (error) {
    return answerError(context, error, ports);
  }
}
