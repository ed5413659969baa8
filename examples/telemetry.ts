// Traces a spawn and its attempts with OpenTelemetry, shows the metrics as a Prometheus reads them, and logs what failed.
// In an app: import { http, Requeuest } from 'requeuest'; import { instrument } from 'requeuest/otel';
// import { prometheus } from 'requeuest/prometheus'. The tracer provider is your SDK's.
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { http, Requeuest } from '../src/index.ts'
import { instrument } from '../src/otel/index.ts'
import { prometheus } from '../src/prometheus/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const exporter = new InMemorySpanExporter()
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })

// pino() and the console are loggers as they are.
const log = (_fields: object, message: string) => console.log('log:', message)
const logger = { info: log, warn: log, error: log }

const requeuest = new Requeuest(prisma, { network, logger, retry: { maxAttempts: 2, backoff: { base: 50 } } })
instrument(requeuest, { tracerProvider, propagate: [receiver] })
const GET = prometheus(requeuest, { depth: true, origins: [receiver] })

await requeuest.start({ channels: ['orders'] })
await requeuest.spawnReturning('orders', http.post(`${receiver}/orders?token=secret`, { json: { order: 17 } }))
const id = await requeuest.spawn('orders', `${receiver}/broken`)
await requeuest.waitFor(id).catch(() => {})
await requeuest.stop()

const spans = exporter.getFinishedSpans()
const traces = [...new Set(spans.map((span) => span.spanContext().traceId))]
for (const span of spans) {
  const link = span.links.length > 0 ? 'with a link' : ''
  console.log('trace', traces.indexOf(span.spanContext().traceId), span.name, link)
}
console.log('leaks:', JSON.stringify(spans.map(({ attributes }) => attributes)).includes('secret'))

const text = await (await GET(new Request('http://localhost/metrics'))).text()
const shown = text.split('\n').filter((line) => /^requeuest_(spawned|finished)_total/.test(line))
console.log(shown.join('\n').replaceAll(receiver, 'RECEIVER'))
await prisma.$disconnect()
