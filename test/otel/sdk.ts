import { context, propagation, type SpanContext, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { onTestFinished, vi } from 'vitest'

export interface Recorded {
  provider: BasicTracerProvider
  spans(): ReadableSpan[]
  /** The spans of attempts, when so many have ended. */
  attempts(count: number): Promise<ReadableSpan[]>
  spawn(): ReadableSpan
}

/** OpenTelemetry as an application sets it up, with what it would export. The test's end takes it away. */
export function startSdk(): Recorded {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(provider)
  onTestFinished(() => {
    for (const api of [context, propagation, trace]) api.disable()
  })
  const named = (operation: string) =>
    exporter.getFinishedSpans().filter(({ attributes }) => attributes['messaging.operation.name'] === operation)
  return {
    provider,
    spans: () => exporter.getFinishedSpans(),
    async attempts(count) {
      await vi.waitUntil(() => named('attempt').length >= count, { timeout: 10_000 })
      return named('attempt')
    },
    spawn() {
      const [span, ...others] = named('spawn')
      if (!span || others.length > 0) throw new Error(`${others.length + (span ? 1 : 0)} spawns were traced`)
      return span
    },
  }
}

export const idsOf = ({ traceId, spanId }: SpanContext) => ({ traceId, spanId })
