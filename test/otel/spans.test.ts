import { randomBytes } from 'node:crypto'
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { expect, test } from 'vitest'
import { http, type RequeuestOptions } from '../../src/index.ts'
import { type InstrumentOptions, instrument } from '../../src/otel/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import type { Handler } from '../support/receiver.ts'
import { idsOf, startSdk } from './sdk.ts'

const database = useDatabase()

async function traced(handler?: Handler, options: RequeuestOptions = {}, terms: InstrumentOptions = {}) {
  const sdk = startSdk()
  const receiver = await receiverOf(handler)
  const requeuest = createRequeuest(database.prisma, options)
  instrument(requeuest, terms)
  const start = () => requeuest.start({ channels: 'all' })
  return { sdk, receiver, requeuest, start }
}

const linksOf = ({ links }: ReadableSpan) => links.map((link) => idsOf(link.context))

test('a spawn and its attempts have spans with the names of the conventions, and each attempt is a trace linked to the spawn', async () => {
  const answers = [{ status: 503 }, { status: 200 }]
  const { sdk, receiver, requeuest, start } = await traced((_, index) => answers[index] ?? {})
  await start()
  const application = trace.getTracer('test').startSpan('checkout')
  const id = await context.with(trace.setSpan(ROOT_CONTEXT, application), () =>
    requeuest.spawn('billing', http.post(`${receiver.url}/orders/17?token=secret#part`, { json: { order: 17 } })),
  )
  const [first, second] = await sdk.attempts(2)
  const spawn = sdk.spawn()
  expect(spawn).toMatchObject({
    name: 'spawn billing',
    kind: SpanKind.PRODUCER,
    status: { code: SpanStatusCode.UNSET },
  })
  expect(spawn.parentSpanContext?.spanId).toBe(application.spanContext().spanId)
  expect(spawn.attributes).toEqual({
    'messaging.system': 'requeuest',
    'messaging.operation.name': 'spawn',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'billing',
    'messaging.message.id': id,
  })
  const common = {
    'messaging.system': 'requeuest',
    'messaging.operation.name': 'attempt',
    'messaging.destination.name': 'billing',
    'messaging.message.id': id,
    'http.request.method': 'POST',
    'url.full': `${receiver.url}/orders/17`,
    'server.address': '127.0.0.1',
    'server.port': receiver.port,
    'network.peer.address': '127.0.0.1',
  }
  expect(first).toMatchObject({ name: 'POST', kind: SpanKind.CLIENT, status: { code: SpanStatusCode.ERROR } })
  expect(first?.attributes).toEqual({
    ...common,
    'http.response.status_code': 503,
    'error.type': '503',
    'requeuest.outcome': 'rejected',
  })
  expect(second?.status).toEqual({ code: SpanStatusCode.UNSET })
  expect(second?.attributes).toEqual({
    ...common,
    'http.response.status_code': 200,
    'http.request.resend_count': 1,
    'requeuest.outcome': 'accepted',
  })
  const traces = [spawn, first!, second!].map((span) => span.spanContext().traceId)
  expect(new Set(traces).size).toBe(3)
  expect([first!, second!].map((span) => span.parentSpanContext)).toEqual([undefined, undefined])
  expect([first!, second!].map(linksOf)).toEqual(Array(2).fill([idsOf(spawn.spanContext())]))
  expect(receiver.requests.map(({ headers }) => headers['traceparent'])).toEqual([undefined, undefined])
  expect(JSON.stringify(sdk.spans().map(({ name, attributes, events }) => [name, attributes, events]))).not.toContain(
    'secret',
  )
})

test('who waits for the response has the attempt in the same trace', async () => {
  const { sdk, receiver, requeuest, start } = await traced()
  await start()
  await requeuest.spawnReturning('quotes', http.get(receiver.url))
  const [attempt] = await sdk.attempts(1)
  expect(attempt?.spanContext().traceId).toBe(sdk.spawn().spanContext().traceId)
  expect(attempt?.parentSpanContext?.spanId).toBe(sdk.spawn().spanContext().spanId)
  expect(attempt?.links).toEqual([])
})

test.each<[relation: 'link' | 'parent', returning: boolean]>([
  ['parent', false],
  ['link', true],
])('the relation %s can be chosen, with a response that is waited for: %s', async (relation, returning) => {
  const { sdk, receiver, requeuest, start } = await traced(undefined, {}, { relation })
  await start()
  await (returning
    ? requeuest.spawnReturning('a', http.get(receiver.url))
    : requeuest.spawn('a', http.get(receiver.url)))
  const [attempt] = await sdk.attempts(1)
  const spawn = sdk.spawn().spanContext()
  expect([attempt?.parentSpanContext?.spanId, linksOf(attempt!)]).toEqual(
    relation === 'parent' ? [spawn.spanId, []] : [undefined, [idsOf(spawn)]],
  )
})

test('the trace goes with the request in whatever way it is written', async () => {
  const keys = { encryption: { keys: { one: randomBytes(32).toString('base64') }, current: 'one' } }
  const { sdk, receiver, requeuest } = await traced(undefined, keys)
  const request = () => http.post(receiver.url, { json: { n: 1 } })
  await requeuest.spawn('alone', request(), { order: { key: 'line' } })
  await Promise.all([requeuest.spawn('batch', request()), requeuest.spawn('batch', request())])
  await requeuest.spawnMany('many', [request(), request()])
  await database.prisma.$transaction((tx) => requeuest.spawn('tx', request(), { tx }))
  await requeuest.spawn('keyed', request(), { dedupe: { key: 'k' } })
  requeuest.renderer('made', () => http.put(`${receiver.url}/made?key=secret`))
  await requeuest.spawn('rendered', { render: 'made' })
  await requeuest.schedule('now', { cron: '@yearly', channel: 'scheduled', request: http.get(receiver.url) })
  await requeuest.runSchedule('now')
  await database.prisma.httpRequest.create({ data: { channel: 'by hand', url: receiver.url } })

  const result = await requeuest.drain({ channels: 'all', budget: '60s' })
  expect(result).toMatchObject({ attempts: 10, delivered: 10 })
  const spans = sdk.spans()
  const spawns = new Map(
    spans.filter(({ kind }) => kind === SpanKind.PRODUCER).map((span) => [span.spanContext().spanId, span]),
  )
  const attempts = await sdk.attempts(10)
  const found = attempts.map((attempt) => {
    const [spawn] = linksOf(attempt).map(({ spanId }) => spawns.get(spanId))
    const destination = 'messaging.destination.name'
    return [
      attempt.attributes[destination],
      spawn?.attributes[destination],
      spawn?.attributes['messaging.batch.message_count'],
    ]
  })
  expect(found.toSorted()).toEqual([
    ['alone', 'alone', undefined],
    ['batch', 'batch', undefined],
    ['batch', 'batch', undefined],
    ['by hand', undefined, undefined],
    ['keyed', 'keyed', undefined],
    ['many', 'many', 2],
    ['many', 'many', 2],
    ['rendered', 'rendered', undefined],
    ['scheduled', 'scheduled', 1],
    ['tx', 'tx', undefined],
  ])
  const links = attempts.flatMap(linksOf).map(({ spanId }) => spanId)
  expect(new Set(links).size).toBe(8)
  const rendered = attempts.find(({ attributes }) => attributes['messaging.destination.name'] === 'rendered')
  expect([rendered?.name, rendered?.attributes['url.full']]).toEqual(['PUT', `${receiver.url}/made`])
})

test('what cannot be sent has a span that says why, and shows no more of the row than its channel', async () => {
  const { sdk, requeuest } = await traced(undefined, { retry: { maxAttempts: 1 } })
  requeuest.renderer('broken', () => {
    throw new Error('password=secret')
  })
  await requeuest.spawn('refused', 'http://127.0.0.1:9/?token=secret')
  await requeuest.spawn('blocked', 'http://10.1.2.3/')
  await requeuest.spawn('unprepared', { render: 'broken' })
  await database.prisma.httpRequest.create({
    data: { channel: 'invalid', method: 'NO SUCH', url: 'no://secret:url@x' },
  })
  await requeuest.drain({ channels: 'all', budget: '60s' })
  const attempts = await sdk.attempts(4)
  const said = attempts.map(({ attributes, name, status }) => [
    attributes['messaging.destination.name'],
    attributes['requeuest.outcome'],
    attributes['error.type'],
    name,
    status,
  ])
  const failed = { code: SpanStatusCode.ERROR }
  expect(said.toSorted()).toEqual([
    ['blocked', 'blocked', 'address_blocked', 'GET', failed],
    ['invalid', 'invalid', 'invalid_request', 'HTTP', failed],
    ['refused', 'network_error', 'connection_refused', 'GET', failed],
    ['unprepared', 'unprepared', 'render_failed', 'GET', failed],
  ])
  expect(JSON.stringify(attempts.map(({ attributes, events }) => [attributes, events]))).not.toContain('secret')
})

test('a spawn that fails says by which code, and not what it was given', async () => {
  const { sdk, requeuest } = await traced()
  await expect(requeuest.spawn('a', 'ftp://secret.example/')).rejects.toThrow('http')
  const { status, attributes, events } = sdk.spawn()
  expect([status, attributes['error.type'], events]).toEqual([{ code: SpanStatusCode.ERROR }, 'invalid_input', []])
})

test('redirects count as sent again, and show where they led', async () => {
  const { sdk, receiver, requeuest, start } = await traced(({ url }) =>
    url.startsWith('/old') ? { status: 307, headers: { location: '/new?token=secret' } } : {},
  )
  await start()
  await requeuest.spawn('a', http.get(`${receiver.url}/old`), { maxRedirects: 1 })
  const [attempt] = await sdk.attempts(1)
  expect(attempt?.attributes).toMatchObject({ 'url.full': `${receiver.url}/old`, 'http.request.resend_count': 1 })
  expect(attempt?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['redirect', { 'url.full': `${receiver.url}/new` }],
  ])
})

test('attempts are no part of what the caller of start() or of a later spawn does', async () => {
  const { sdk, receiver, requeuest } = await traced()
  const request = trace.getTracer('test').startSpan('GET /start')
  await context.with(trace.setSpan(ROOT_CONTEXT, request), async () => {
    await requeuest.start({ channels: 'all' })
    for (const channel of ['a', 'b']) await requeuest.spawn(channel, http.get(receiver.url))
  })
  const attempts = await sdk.attempts(2)
  expect(attempts.map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined])
})
