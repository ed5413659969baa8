import { type MeterProvider, type TracerProvider, trace } from '@opentelemetry/api'
import { checkKeys, checkObject, checkOneOf } from '../check/check.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import { contextOf } from '../instance/controls.ts'
import type { Requeuest } from '../requeuest.ts'
import { version } from '../runtime/embedded-version.ts'
import { measure } from '../telemetry/measure.ts'
import { MEASURE_KEYS, type MeasureOptions, resolveMeasureOptions } from '../telemetry/options.ts'
import { resolveOrigins } from '../telemetry/origins.ts'
import type { Propagates } from './attempt-span.ts'
import { Meters } from './meters.ts'
import { SpanTracing } from './tracing.ts'

/** Options of {@link instrument}. */
export interface InstrumentOptions extends MeasureOptions {
  /** What makes the spans. @default the global one, also if it is registered later */
  tracerProvider?: TracerProvider
  /** What the metrics are recorded with. @default the global one, also if it is registered later */
  meterProvider?: MeterProvider
  /**
   * What an attempt's trace is to that of its spawn. `'link'`: each attempt is a trace of its own, linked to the spawn's, so that a
   * trace does not stay open for days of retries. `'parent'`: it continues the trace of the spawn. What a spawn says is kept with
   * the request, so it applies to whichever process sends it. @default 'parent' for `spawnReturning`, otherwise 'link'
   */
  relation?: 'link' | 'parent'
  /**
   * Sends `traceparent` to receivers, which then continue the attempt's trace: to all, or to a list of origins such as
   * `https://api.example.com`. A `traceparent` that the request has itself stays. Baggage is never sent. @default false
   */
  propagate?: boolean | readonly string[]
}

/** What {@link instrument} began. */
export interface Instrumentation extends Disposable {
  /** Ends it. What is under way is still traced to its end. */
  disable(): void
}

const KEYS = ['tracerProvider', 'meterProvider', 'relation', 'propagate', ...MEASURE_KEYS] as const

/**
 * Traces and measures an instance with OpenTelemetry: a span for each spawn and for each attempt, and the metrics that
 * docs/telemetry.md lists. Call it before `start()`.
 *
 * @throws {@link InvalidInputError} if an option is invalid, or the instance is instrumented already
 */
export function instrument(requeuest: Requeuest, options: InstrumentOptions = {}): Instrumentation {
  const { instruments } = contextOf(requeuest).events
  checkObject('options', options)
  checkKeys('options', options, KEYS)
  const { relation, propagate = false, tracerProvider = trace, meterProvider } = options
  if (relation !== undefined) checkOneOf('options.relation', relation, ['link', 'parent'])
  const propagates = resolvePropagate(propagate)
  const terms = resolveMeasureOptions(options)
  if (instruments.tracing) {
    throw new InvalidInputError('requeuest', hidden(requeuest), 'an instance that is not instrumented yet')
  }
  const tracing = new SpanTracing({ tracer: tracerProvider.getTracer('requeuest', version), relation, propagates })
  instruments.tracing = tracing
  const meters = new Meters(meterProvider)
  const { counts, gauges, end } = measure(requeuest, terms, meters)
  meters.observe({ counts: () => counts.all, gauges: () => gauges.read() })
  const disable = () => {
    if (instruments.tracing === tracing) instruments.tracing = null
    end()
    meters.end()
  }
  return { disable, [Symbol.dispose]: disable }
}

function resolvePropagate(propagate: unknown): Propagates {
  if (typeof propagate === 'boolean') return () => propagate
  const origins = resolveOrigins('options.propagate', propagate as readonly string[])
  return (origin) => origins.has(origin)
}
