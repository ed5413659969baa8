import { type Context, context, diag } from '@opentelemetry/api'

/** Runs what belongs to somebody else's tracer or meter. What it throws is told to OpenTelemetry's own log, and nobody else. */
export function safely<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    diag.error('requeuest/otel', error)
    return undefined
  }
}

/** Runs work in a context, or without where that fails. It runs once. */
export function runIn<T>(active: Context, work: () => T): T {
  let begun = false
  try {
    return context.with(active, () => {
      begun = true
      return work()
    })
  } catch (error) {
    if (begun) throw error
    diag.error('requeuest/otel', error)
    return work()
  }
}
