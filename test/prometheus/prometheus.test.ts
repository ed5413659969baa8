import { expect, test, vi } from 'vitest'
import { InvalidInputError } from '../../src/index.ts'
import { prometheus } from '../../src/prometheus/index.ts'
import { METRICS } from '../../src/telemetry/metrics.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'
import { haveAllHappen } from '../telemetry/scenario.ts'
import { parse } from './text.ts'

const database = useDatabase()

const ask = async (handler: (request: Request) => Promise<Response>, method = 'GET') =>
  handler(new Request('http://localhost/metrics', { method }))

test('all metrics are shown in the text format', { timeout: 30_000 }, async () => {
  const requeuest = createRequeuest(database.prisma, { breaker: false })
  const handler = prometheus(requeuest, { depth: true })
  const { origin } = await haveAllHappen(database.prisma, requeuest)
  const shown = async () => parse(await (await ask(handler)).text())
  await vi.waitFor(async () => expect((await shown()).get('requeuest_finished_total')?.samples).toHaveLength(4))
  const found = await shown()
  expect(found.size).toBe(Object.keys(METRICS).length)
  expect(found.get('requeuest_spawned_total')).toEqual({
    type: 'counter',
    samples: [
      'requeuest_spawned_total{channel="a"} 3',
      'requeuest_spawned_total{channel="held"} 1',
      'requeuest_spawned_total{channel="handled"} 1',
      'requeuest_spawned_total{channel="slow"} 1',
    ],
  })
  expect(found.get('requeuest_queue_requests')?.samples).toContain(
    'requeuest_queue_requests{channel="slow",state="due"} 2',
  )
  const age = found.get('requeuest_request_age_seconds')?.samples ?? []
  const delivered = age.filter((line) => line.includes('channel="a",state="delivered"'))
  expect(delivered.at(-3)).toBe('requeuest_request_age_seconds_bucket{channel="a",state="delivered",le="+Inf"} 2')
  expect(delivered.at(-1)).toBe('requeuest_request_age_seconds_count{channel="a",state="delivered"} 2')
  const counts = delivered.filter((line) => line.includes('_bucket')).map((line) => Number(line.split(' ').at(-1)))
  expect(counts).toEqual(counts.toSorted((one, other) => one - other))
  expect(await (await ask(handler)).text()).not.toContain(origin)
})

test('names of channels are escaped', async () => {
  const requeuest = createRequeuest(database.prisma)
  const handler = prometheus(requeuest)
  await requeuest.spawn('a"b\\c\nd', 'http://127.0.0.1:9/')
  const text = await (await ask(handler)).text()
  expect(parse(text).get('requeuest_spawned_total')?.samples).toEqual([
    'requeuest_spawned_total{channel="a\\"b\\\\c\\nd"} 1',
  ])
})

test('it answers GET and HEAD, and nothing else', async () => {
  const handler = prometheus(createRequeuest(database.prisma))
  const head = await ask(handler, 'HEAD')
  expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    '',
  ])
  const post = await ask(handler, 'POST')
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test.each<[options: object, field: string]>([
  [{ depths: true }, 'options.depths'],
  [{ depth: 'always' }, 'options.depth'],
  [{ origins: 'https://a.example' }, 'options.origins'],
  [{ origins: ['nowhere'] }, 'options.origins[0]'],
])('invalid options are refused: %j', (options, field) => {
  const requeuest = createRequeuest(database.prisma)
  expect(() => prometheus(requeuest, options)).toThrow(expect.objectContaining({ field }))
  expect(() => prometheus(requeuest, options)).toThrow(InvalidInputError)
})
