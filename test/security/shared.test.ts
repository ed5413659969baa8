import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import {
  type AcceptRule,
  type AttemptEvent,
  bearer,
  http,
  type RequeuestError,
  type RequeuestOptions,
  type SpawnOptions,
} from '../../src/index.ts'
import { createDatabase } from '../support/databases.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const key = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const CHANNEL = { channels: ['a'] }

test('a function of the application that changes what it is given as keys of a signature does not change other requests with the same headers', async () => {
  const receiver = await receiverOf()
  const keys = vi.fn(({ headers }) => {
    for (const pair of headers) pair[1] = 'stolen'
    headers.push(['x-added', 'yes'])
    return key
  })
  const requeuest = createRequeuest(database.prisma, { channels: { a: { signing: { keys } } } })
  await requeuest.start(CHANNEL)
  for (let count = 0; count < 3; count++) {
    await requeuest.spawnReturning('a', http.post(receiver.url, { headers: { 'x-own': 'mine' } }))
  }
  expect(keys).toHaveBeenCalledTimes(3)
  expect(receiver.requests.map(({ headers }) => [headers['x-own'], headers['x-added']])).toEqual(
    Array(3).fill(['mine', undefined]),
  )
})

test('a function of the application that changes what it is given as renderer does not change for which request a token was refused', async () => {
  const refusals = new Map([
    ['/a', 2],
    ['/b', 1],
  ])
  const receiver = await receiverOf(({ url }) => {
    const left = refusals.get(url) ?? 0
    refusals.set(url, left - 1)
    return { status: left > 0 ? 401 : 200 }
  })
  const requeuest = createRequeuest(database.prisma, { retry: { backoff: { base: 60_000, jitter: 'none' } } })
  const authorized = bearer({ origins: receiver.url, token: () => 't' }, ({ args, request }) => {
    request.id = 'the same for all'
    return `${receiver.url}${args}`
  })
  requeuest.renderer('r', authorized)
  await requeuest.start(CHANNEL)
  await requeuest.spawn('a', { render: 'r', args: '/a' })
  await receiver.waitForRequests(2)
  const b = await requeuest.spawn('a', { render: 'r', args: '/b' })
  expect((await requeuest.waitFor(b, { timeout: 10_000 })).attempts).toBe(2)
})

test('a function of the application that changes what it is given as listener does not change what other listeners are given', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const seen: AttemptEvent[] = []
  requeuest
    .on('attempt', (event) => {
      Reflect.set(event, 'channel', 'changed')
      Reflect.set(event, 'added', true)
    })
    .on('attempt', (event) => seen.push(event))
  await requeuest.start(CHANNEL)
  await requeuest.spawnReturning('a', receiver.url)
  expect(seen).toEqual([expect.objectContaining({ channel: 'a' })])
  expect(seen[0]).not.toHaveProperty('added')
})

test('a function of the application that changes what it is given as `decide` does not change what is recorded', async () => {
  const receiver = await receiverOf(() => ({ body: 'original', headers: { 'x-own': 'mine' } }))
  const requeuest = createRequeuest(database.prisma, {
    channels: {
      a: {
        decide: ({ attempt, request }) => {
          attempt.body?.fill(0)
          for (const pair of attempt.headers ?? []) pair[1] = 'stolen'
          request.url = 'http://elsewhere.test/'
          return undefined
        },
      },
    },
  })
  await requeuest.start(CHANNEL)
  for (let count = 0; count < 2; count++) {
    const response = await requeuest.spawnReturning('a', receiver.url)
    expect(response.text()).toBe('original')
    expect(response.headers.get('x-own')).toBe('mine')
  }
})

test('a function of the application that changes what it is given as one who waits does not change what others get who wait for the same request', async () => {
  const receiver = await receiverOf(() => ({ body: 'original' }))
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', receiver.url)
  const waits = [requeuest.waitFor(id), requeuest.waitFor(id)]
  await requeuest.start(CHANNEL)
  const [first, second] = await Promise.all(waits)
  first?.body.fill(0)
  first?.headers.set('x-added', 'yes')
  expect(second?.text()).toBe('original')
  expect(second?.headers.has('x-added')).toBe(false)
})

test('a function of the application that changes what it is given as one who catches an error does not change what others catch', async () => {
  const prisma = connect(await createDatabase(inject('serverUrl'), `shared_${process.pid}`))
  const requeuest = createRequeuest(prisma)
  const id = '019ac000-0000-7000-8000-000000000000'
  const ends = await Promise.allSettled([
    requeuest.spawn('a', 'http://a.test/'),
    requeuest.spawn('a', 'http://b.test/'),
    requeuest.waitFor(id),
    requeuest.waitFor(id),
  ])
  const errors = ends.map((end) => (end as PromiseRejectedResult).reason as RequeuestError)
  expect(errors.map(({ code }) => code)).toEqual(Array(4).fill('not_migrated'))
  expect(new Set(errors).size).toBe(4)
})

test.each([[undefined], [{ keys: { k: Buffer.alloc(32, 1) }, current: 'k' }]])(
  'bodies that are given to the application are its own bytes and nothing else (%#)',
  async (encryption) => {
    const receiver = await receiverOf(() => ({ body: 'answer' }))
    const requeuest = createRequeuest(database.prisma, encryption ? { encryption } : {})
    const given: (Uint8Array | null | undefined)[] = []
    requeuest.onSettled('a', ({ request, attempt }) => given.push(request.body, attempt?.body))
    await requeuest.start(CHANNEL)
    const id = await requeuest.spawn('a', http.post(receiver.url, { body: Buffer.from('question') }))
    given.push((await requeuest.waitFor(id)).body)
    const found = await requeuest.find(id)
    const row = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })
    given.push(found?.body, found?.attempts[0]?.body)
    if (encryption) given.push(requeuest.decrypt(row).body)
    expect(given.map((body) => String(Buffer.from(body ?? [])))).toEqual(
      ['question', 'answer', 'answer', 'question', 'answer', 'question'].slice(0, given.length),
    )
    for (const body of given) expect(body?.buffer.byteLength).toBe(body?.byteLength)
  },
)

const signing = { keys: [key] }
const accept: AcceptRule[] = [503]
const delays = [0]
const options = {
  accept,
  retry: {
    backoff: { delays, jitter: 'none' as const },
    onStatus: { 500: 'fail' as 'fail' | 'retry', 502: { delays: [0] } },
  },
  network: { allow: ['127.0.0.1'] },
  redactHeaders: ['x-own'],
  channels: { a: { signing } as { signing?: typeof signing; decide?: () => 'fail' } },
  retention: { delivered: 60_000 },
  breaker: { minRequests: 1_000_000 },
} satisfies RequeuestOptions

test('what is done to the options after the constructor changes nothing', async () => {
  const receiver = await receiverOf((_, index) => ({ status: [502, 418, 500, 503][index] ?? 200 }))
  const requeuest = createRequeuest(database.prisma, options)
  accept[0] = '2xx'
  delays[0] = 60_000
  options.retry.onStatus[500] = 'retry'
  options.retry.onStatus[502].delays[0] = 60_000
  options.network.allow.length = 0
  options.redactHeaders.length = 0
  options.channels.a.decide = () => 'fail'
  delete options.channels.a.signing
  signing.keys.length = 0
  await requeuest.start(CHANNEL)

  const request = http.post(receiver.url, { headers: { 'x-own': 'secret' } })
  const failed = await requeuest.spawn('a', request)
  await expect(requeuest.waitFor(failed, { timeout: 10_000 })).rejects.toMatchObject({ failureCode: 'rejected' })
  expect((await requeuest.find(failed))?.attempts.map(({ status }) => status)).toEqual([502, 418, 500])
  expect((await requeuest.find(failed))?.headers).toEqual([['x-own', '(hidden)']])
  expect((await requeuest.spawnReturning('a', request)).status).toBe(503)
  expect(receiver.requests.every(({ headers }) => headers['webhook-signature'])).toBe(true)
  const signed = http.post(receiver.url, { headers: { 'webhook-id': 'mine' } })
  await expect(requeuest.spawn('a', signed)).rejects.toThrow('omitted: each attempt of this channel is signed anew')
})

describe('what is done to the options while a body is read', () => {
  let options: SpawnOptions
  let release = () => {}
  const slow = () => ({
    async *[Symbol.asyncIterator]() {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      yield 'body'
    },
  })
  beforeEach(() => {
    options = { expiresAfter: 60_000 }
  })
  afterEach(async () => {
    expect(await database.prisma.httpRequest.count()).toBe(0)
    expect(await database.prisma.httpSchedule.count()).toBe(0)
  })

  test.each(['spawn', 'spawnMany', 'schedule'] as const)('does not take %s out of the transaction', async (kind) => {
    const requeuest = createRequeuest(database.prisma)
    const rolledBack = database.prisma.$transaction(async (tx) => {
      options.tx = tx
      const request = http.post('http://a.test/', { body: slow() })
      const begun = {
        spawn: () => requeuest.spawn('a', request, options),
        spawnMany: () => requeuest.spawnMany('a', [request], options),
        schedule: () => requeuest.schedule('s', { cron: '@daily', channel: 'a', request }, options),
      }[kind]()
      delete options.tx
      options.expiresAfter = -1
      await vi.waitFor(() => expect(release).toBeTypeOf('function'))
      release()
      await begun
      throw new Error('rolled back')
    })
    await expect(rolledBack).rejects.toThrow('rolled back')
  })
})
