// Puts the routes of a resource into the app, each as the operation that it is in the table: who asks admitted, changes
// written down, its errors answered, its duration measured. A wrapper around the one handler, and no middleware: hono then
// calls it without a chain.
import type { Context, Handler, Hono } from 'hono';
import type { Duty } from '../../schemas/duties.ts';
import { OPERATIONS, type Operation } from '../../schemas/operations.ts';
import type { ChangeLog } from '../access/change-log.ts';
import type { Gate } from '../access/gate.ts';
import { answerError, type ErrorPorts } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { notServed } from './operation-access.ts';
import { refuseQuery } from './query.ts';
import { isRecorded, recorded } from './recorded.ts';
import { nameRequest } from './request-context.ts';

export interface MountPorts extends ErrorPorts {
  readonly metrics: Metrics;
  readonly gate: Gate;
  readonly duties: readonly Duty[];
  readonly changes: ChangeLog;
}

/** A route without an operation is a defect, told at the start. */
export function mount(app: Hono, routes: Hono, ports: MountPorts): void {
  for (const { method, path, handler } of routes.routes) {
    const operation = operationOf(method, path);
    const { duty } = operation;
    const served = duty === undefined || ports.duties.includes(duty) ? (handler as Handler) : refuse(duty);
    const answer = operation.query === undefined ? withoutQuery(served) : served;
    const act = isRecorded(operation) ? recorded(operation, answer, ports) : answer;
    app.on(method, path, measured(operation.id, admitted(operation, act, ports.gate), ports));
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

/** Before anything else of the request is looked at. */
function admitted({ access }: Operation, handler: Handler, gate: Gate): Handler {
  if (access === 'open') return handler;
  return (context, next) => {
    context.set('caller', gate.admit(context.req.header('authorization'), access));
    return handler(context, next);
  };
}

const refuse =
  (duty: Duty): Handler =>
  () => {
    throw notServed(duty);
  };

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
    nameRequest(context);
    const response = await answered(context, handler, next, ports);
    ports.metrics.answered(
      context.get('measuredAs') ?? operation,
      response.status,
      (performance.now() - startedMillis) / 1000,
    );
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
