// What a server measures with, for src/main.ts.

/** `totals`: for the one of several processes that adds up what they all measure. */
export async function createTelemetry() {
  const [{ createPrometheusTelemetry }, { createPrometheusTotals }] = await Promise.all([
    import('../telemetry/prometheus/prometheus-telemetry.ts'),
    import('../telemetry/prometheus/prometheus-totals.ts'),
  ]);
  return { telemetry: createPrometheusTelemetry({ ofProcess: true }), totals: createPrometheusTotals() };
}
