import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ExportResultCode } from '@opentelemetry/core'
import {
  BasicTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { http, Requeuest } from '../../../src/index.ts'
import { instrument } from '../../../src/otel/index.ts'

// Spawns one request, or drains, and prints each span as a line of JSON.

const [role, url = ''] = process.argv.slice(2)
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] ?? '' }) })
const requeuest = new Requeuest(prisma, { network: { allow: ['127.0.0.1'] } })

function print(span: ReadableSpan): void {
  const { name, links, parentSpanContext } = span
  const { traceId, spanId } = span.spanContext()
  const linked = links.map((link) => link.context.spanId)
  console.log(JSON.stringify({ name, traceId, spanId, parent: parentSpanContext?.spanId ?? null, linked }))
}
const exporter: SpanExporter = {
  export(spans, done) {
    spans.forEach(print)
    done({ code: ExportResultCode.SUCCESS })
  },
  shutdown: async () => {},
}
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
instrument(requeuest, { tracerProvider, propagate: true })

if (role === 'spawn') await requeuest.spawn('a', http.post(url))
// Nobody sends it here, so the wait is in vain, and the request stays.
else if (role === 'wait') await requeuest.spawnReturning('a', http.post(url), { waitTimeout: 1 }).catch(() => {})
else await requeuest.drain({ channels: 'all', budget: '60s' })
await tracerProvider.forceFlush()
await prisma.$disconnect()
