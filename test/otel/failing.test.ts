import { type Context, context, DiagLogLevel, diag, type Span, type Tracer, trace } from '@opentelemetry/api'
import { expect, onTestFinished, test } from 'vitest'
import { http, InvalidInputError } from '../../src/index.ts'
import { instrument } from '../../src/otel/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

const fail = (): never => {
  throw new Error('the tracer is broken')
}

/** All of whose methods throw. */
const brokenSpan = new Proxy({} as Span, { get: () => fail })
const brokenTracers: [what: string, startSpan: () => Span][] = [
  ['no span can be started', fail],
  ['nothing can be said of a span', () => brokenSpan],
]

test.each(brokenTracers)('where %s, requests are delivered, and OpenTelemetry is told', async (_, startSpan) => {
  const told: unknown[] = []
  const logger = { error: (...said: unknown[]) => told.push(said), warn() {}, info() {}, debug() {}, verbose() {} }
  diag.setLogger(logger, DiagLogLevel.ERROR)
  onTestFinished(() => diag.disable())
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const tracer = { startSpan, startActiveSpan: fail } as unknown as Tracer
  instrument(requeuest, { tracerProvider: { getTracer: () => tracer }, propagate: true })
  await requeuest.start({ channels: 'all' })
  expect((await requeuest.spawnReturning('a', http.get(receiver.url))).status).toBe(200)
  await requeuest.spawnMany('a', [http.get(receiver.url)])
  await receiver.waitForRequests(2)
  expect(told).toContainEqual(['requeuest/otel', new Error('the tracer is broken')])
})

test('where the context manager fails, requests are delivered once', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const manager = {
    active: fail,
    with: fail,
    bind: <T>(_: Context, target: T) => target,
    enable: () => manager,
    disable: () => manager,
  }
  context.setGlobalContextManager(manager as never)
  onTestFinished(() => context.disable())
  instrument(requeuest)
  await requeuest.start({ channels: 'all' })
  expect((await requeuest.spawnReturning('a', http.get(receiver.url))).status).toBe(200)
  await requeuest.stop()
  expect(receiver.requests).toHaveLength(1)
})

test('an instance is instrumented once, and again when that is over', async () => {
  const requeuest = createRequeuest(database.prisma)
  const first = instrument(requeuest)
  expect(() => instrument(requeuest)).toThrow(InvalidInputError)
  first.disable()
  using second = instrument(requeuest)
  first.disable()
  expect(() => instrument(requeuest)).toThrow(InvalidInputError)
  expect(second).not.toBe(first)
})

test.each<[options: object, field: string]>([
  [{ propagat: true }, 'options.propagat'],
  [{ relation: 'child' }, 'options.relation'],
  [{ propagate: 'https://a.example' }, 'options.propagate'],
  [{ propagate: ['a.example'] }, 'options.propagate[0]'],
])('invalid options are refused: %j', (options, field) => {
  const requeuest = createRequeuest(database.prisma)
  expect(() => instrument(requeuest, options)).toThrow(expect.objectContaining({ field }))
  expect(() => instrument({} as never)).toThrow(expect.objectContaining({ field: 'requeuest' }))
})

test('without a tracer provider nothing is kept with the requests', async () => {
  trace.disable()
  const requeuest = createRequeuest(database.prisma)
  instrument(requeuest)
  await requeuest.spawn('a', 'http://127.0.0.1:9/')
  expect(await database.prisma.httpRequest.findFirst()).toMatchObject({ traceContext: null })
})
