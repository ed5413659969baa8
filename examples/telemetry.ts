// Traces a spawn and its attempts with OpenTelemetry, shows the metrics as a Prometheus reads them, and logs what failed.
// In an app: import { http, Requeuest } from 'requeuest'; import { instrument } from 'requeuest/otel';
// import { prometheus } from 'requeuest/prometheus'. The tracer provider is that of your OpenTelemetry SDK.
import {
  BasicTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { http, Requeuest } from '../src/index.ts'
import { instrument } from '../src/otel/index.ts'
import { prometheus } from '../src/prometheus/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const spans: ReadableSpan[] = []
const exporter: SpanExporter = {
  export(ended, done) {
    spans.push(...ended)
    done({ code: 0 })
  },
  shutdown: async () => {},
}
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })

// pino() and the console are loggers as they are.
const log = (_fields: object, message: string) => console.log('log:', message)
const logger = { info: log, warn: log, error: log }

const requeuest = new Requeuest(prisma, { network, logger, retry: { maxAttempts: 2, backoff: { base: 50 } } })
instrument(requeuest, { tracerProvider, propagate: [receiver] })
// In Next.js this is `export const GET = prometheus(…)` in app/metrics/route.ts.
const GET = prometheus(requeuest, { depth: true, origins: [receiver] })

await requeuest.start({ channels: ['orders'] })
await requeuest.spawnReturning('orders', http.post(`${receiver}/orders?token=secret`, { json: { order: 17 } }))
const id = await requeuest.spawn('orders', `${receiver}/broken`)
await requeuest.waitFor(id).catch(() => {})
await requeuest.stop()

const [first] = spans
for (const span of spans) {
  const { name, attributes, links } = span
  const isOfFirst = span.spanContext().traceId === first?.spanContext().traceId
  const relation = isOfFirst
    ? 'in the first trace'
    : links.length > 0
      ? 'in a trace of its own, with a link'
      : 'in its own trace'
  console.log(`${name} ${attributes['requeuest.outcome'] ?? ''}`.trim(), relation)
}
console.log(spans.some(({ attributes }) => String(attributes['url.full']).includes('secret')) ? 'leaked' : 'no secret')

const text = await (await GET(new Request('http://localhost/metrics'))).text()
const shown = text.split('\n').filter((line) => /^requeuest_(spawned|finished)_total/.test(line))
console.log(shown.join('\n').replaceAll(receiver, 'RECEIVER'))
await prisma.$disconnect()
