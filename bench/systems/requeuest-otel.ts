import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { instrument } from '../../src/otel/index.ts'
import { open } from './requeuest.ts'
import type { OpenSystem } from './system.ts'

/** As Requeuest, with all that is traced and measured, up to exporters that throw it away. */
export const openRequeuestOtel: OpenSystem = (terms) =>
  open(terms, true, (requeuest) => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(nowhere)] })
    const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: nowhere })] })
    instrument(requeuest, { tracerProvider, meterProvider })
    return async () => {
      await tracerProvider.shutdown()
      await meterProvider.shutdown()
    }
  })

const nowhere: SpanExporter & PushMetricExporter = {
  export: (_: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
  forceFlush: async () => {},
  shutdown: async () => {},
}
