import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { fetch } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/index.ts'
import { type InstrumentOptions, instrument } from '../../src/otel/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import type { Handler, ReceivedRequest, Receiver } from '../support/receiver.ts'
import { type Recorded, startSdk } from './sdk.ts'

const database = useDatabase()

async function traced(propagate: InstrumentOptions['propagate'], handler?: Handler) {
  const sdk = startSdk()
  const receiver = await receiverOf(handler)
  const requeuest = createRequeuest(database.prisma)
  instrument(requeuest, { ...(propagate !== undefined && { propagate }) })
  return { sdk, receiver, requeuest }
}

/** As an application turns it on that traces all of its fetches. */
function instrumentUndici({ provider }: Recorded): void {
  const instrumentation = new UndiciInstrumentation()
  instrumentation.setTracerProvider(provider)
  instrumentation.enable()
  onTestFinished(() => instrumentation.disable())
}

const tracesOf = ({ requests }: Receiver) => requests.map(tracesIn)

function tracesIn({ rawHeaders }: ReceivedRequest): string[] {
  return rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === 'traceparent')
}

async function expectedTraces(sdk: Recorded, count: number): Promise<string[][]> {
  const attempts = await sdk.attempts(count)
  return attempts.map((attempt) => {
    const { traceId, spanId } = attempt.spanContext()
    return [`00-${traceId}-${spanId}-01`]
  })
}

test('a receiver continues the trace of the attempt where that is asked for, and gets no baggage', async () => {
  const { sdk, receiver, requeuest } = await traced(true)
  await requeuest.spawn('a', http.get(receiver.url))
  await requeuest.drain({ channels: 'all', budget: '60s' })
  expect(tracesOf(receiver)).toEqual(await expectedTraces(sdk, 1))
  expect(receiver.requests[0]?.headers).not.toHaveProperty('baggage')
})

test('only receivers of the list get the trace, also where a redirect leads to one', async () => {
  const listed = await receiverOf()
  const { sdk, receiver, requeuest } = await traced([`${listed.url}/ignored`], () => ({
    status: 307,
    headers: { location: `${listed.url}/` },
  }))
  await requeuest.spawn('a', http.get(receiver.url), { maxRedirects: 1 })
  await requeuest.drain({ channels: 'all', budget: '60s' })
  expect([tracesOf(receiver), tracesOf(listed)]).toEqual([[[]], await expectedTraces(sdk, 1)])
})

test('a trace that the request has itself stays the only one', async () => {
  const { receiver, requeuest } = await traced(true)
  const own = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await requeuest.spawn('a', http.get(receiver.url, { headers: { TraceParent: own } }))
  // It would be taken for the state of another trace.
  await requeuest.spawn('a', http.get(receiver.url, { headers: { TraceState: 'a=b' } }))
  await requeuest.drain({ channels: 'all', budget: '60s' })
  expect(tracesOf(receiver).toSorted()).toEqual([[], [own]])
})

test.each([false, true])(
  'beside an instrumentation of undici there is one span for an attempt and no second trace, with propagate: %s',
  async (propagate) => {
    const { sdk, receiver, requeuest } = await traced(propagate)
    instrumentUndici(sdk)
    // It traces what the application fetches by itself.
    const application = trace.getTracer('test').startSpan('application')
    await context.with(trace.setSpan(ROOT_CONTEXT, application), () => fetch(`${receiver.url}/own`))
    expect(tracesOf(receiver)[0]).toHaveLength(1)

    await requeuest.start({ channels: 'all' })
    for (let n = 0; n < 3; n++) await requeuest.spawn('a', http.get(`${receiver.url}/attempt`))
    const expected = await expectedTraces(sdk, 3)
    expect(tracesOf(receiver).slice(1).toSorted()).toEqual(propagate ? expected.toSorted() : [[], [], []])
    const clients = sdk.spans().filter(({ attributes }) => String(attributes['url.full']).endsWith('/attempt'))
    expect(clients.map(({ instrumentationScope }) => instrumentationScope.name)).toEqual(Array(3).fill('requeuest'))
  },
)

test('what a renderer fetches is a part of the attempt', async () => {
  const { sdk, receiver, requeuest } = await traced(false)
  instrumentUndici(sdk)
  requeuest.renderer('made', async () => {
    await fetch(`${receiver.url}/price`)
    return http.post(`${receiver.url}/order`)
  })
  await requeuest.spawn('a', { render: 'made' })
  await requeuest.drain({ channels: 'all', budget: '60s' })
  const [attempt] = await sdk.attempts(1)
  const price = sdk.spans().find(({ attributes }) => String(attributes['url.full']).endsWith('/price'))
  expect(price?.parentSpanContext?.spanId).toBe(attempt?.spanContext().spanId)
})
