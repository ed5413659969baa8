import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type AttemptEvent, type DeliveredEvent, http, Requeuest } from '../../src/index.ts'
import { nextEvent } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import type { Handler } from '../support/receiver.ts'

const database = useDatabase()

const attemptsOf = async (requeuest: Requeuest, id: string) =>
  (await requeuest.find(id))!.attempts.map(({ number, outcome, status, errorCode }) => ({
    number,
    outcome,
    status,
    errorCode,
  }))

test('retries until the request is accepted, and tells every attempt as it was', async () => {
  const answers = [{ status: 503 }, { how: 'hang' }, { how: 'reset' }, { status: 200, body: 'done' }] as const
  const receiver = await receiverOf((_, index) => answers[index]!)
  const requeuest = createRequeuest(database.prisma, { timeout: 1500 })
  await requeuest.start({ channels: ['billing'] })
  const id = await database.prisma.$transaction((tx) =>
    requeuest.spawn('billing', http.post(receiver.url, { json: { amount: 1 } }), { tx }),
  )
  const response = await requeuest.waitFor(id)
  expect(response).toMatchObject({ status: 200, attempts: 4 })
  expect(response.text()).toBe('done')
  expect(await attemptsOf(requeuest, id)).toEqual([
    { number: 1, outcome: 'rejected', status: 503, errorCode: null },
    { number: 2, outcome: 'timeout', status: null, errorCode: 'timeout' },
    { number: 3, outcome: 'network_error', status: null, errorCode: 'connection_reset' },
    { number: 4, outcome: 'accepted', status: 200, errorCode: null },
  ])
  expect(new Set(receiver.requests.map((request) => request.headers['idempotency-key']))).toEqual(new Set([id]))
  expect(receiver.requests.map((request) => String(request.body))).toEqual(Array(4).fill('{"amount":1}'))
})

test('a spawn that rolled back is never sent', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: 'all' })
  await database.prisma
    .$transaction(async (tx) => {
      await requeuest.spawn('billing', `${receiver.url}/rolled-back`, { tx })
      throw new Error('no')
    })
    .catch(() => {})
  await requeuest.spawnReturning('billing', `${receiver.url}/committed`)
  expect(receiver.requests.map((request) => request.url)).toEqual(['/committed'])
})

test('never has more under way than its concurrency, over all hosts', async () => {
  let open = 0
  let most = 0
  const slow: Handler = async () => {
    most = Math.max(most, ++open)
    // Whatever else is claimed arrives meanwhile.
    await sleep(50)
    open--
    return {}
  }
  const hosts = [await receiverOf(slow), await receiverOf(slow)]
  const requeuest = createRequeuest(database.prisma)
  const urls = Array.from({ length: 30 }, (_, index) => hosts[index % 2]!.url)
  const ids = await requeuest.spawnMany('a', urls)
  await requeuest.start({ channels: ['a'], concurrency: 3 })
  await Promise.all(ids.map((id) => requeuest.waitFor(id)))
  expect(hosts.map((host) => host.requests.length)).toEqual([15, 15])
  expect(most).toBe(3)
})

test('takes only the channels it was given, and with `all` every one, new ones too', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const other = await requeuest.spawn('other', `${receiver.url}/other`)
  await requeuest.start({ channels: ['mine'] })
  await requeuest.spawnReturning('mine', `${receiver.url}/mine`)
  expect((await requeuest.find(other))!.state).toBe('pending')
  await requeuest.stop()
  await requeuest.start({ channels: 'all' })
  await requeuest.waitFor(other)
  await requeuest.spawnReturning('quite new', `${receiver.url}/new`)
  expect(receiver.requests.map((request) => request.url)).toEqual(['/mine', '/other', '/new'])
})

test('clear cancels what waits and lets go on what is being sent', async () => {
  let answer!: () => void
  const cleared = new Promise<void>((resolve) => {
    answer = resolve
  })
  const receiver = await receiverOf(async () => {
    await cleared
    return {}
  })
  const requeuest = createRequeuest(database.prisma)
  const [sent, waiting] = await requeuest.spawnMany('a', [receiver.url, receiver.url])
  await requeuest.start({ channels: ['a'], concurrency: 1 })
  await receiver.waitForRequests(1)
  expect(await requeuest.clear({ channel: 'a' })).toBe(1)
  answer()
  expect(await requeuest.waitFor(sent!)).toMatchObject({ status: 200 })
  await expect(requeuest.waitFor(waiting!)).rejects.toMatchObject({ code: 'request_cancelled' })
  expect(receiver.requests).toHaveLength(1)
})

test('waits as long as Retry-After asks, but not longer than the policy allows', async () => {
  const receiver = await receiverOf((_, index) =>
    index === 0 ? { status: 429, headers: { 'retry-after': '3600' } } : {},
  )
  // Where there is a breaker, it leaves the receiver alone as well.
  const backoff = { base: 1, max: 300, jitter: 'none' } as const
  const requeuest = createRequeuest(database.prisma, { retry: { backoff }, breaker: false })
  await requeuest.start({ channels: ['a'] })
  await requeuest.spawnReturning('a', receiver.url)
  const [first, second] = receiver.requests
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(290)
})

test('does not send before a delay is over', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  const before = performance.now()
  await requeuest.spawnReturning('a', receiver.url, { delay: 400 })
  expect(receiver.requests[0]!.at - before).toBeGreaterThanOrEqual(395)
})

test('gives up after maxAttempts, or when the next attempt would come after the expiry', async () => {
  const receiver = await receiverOf(() => ({ status: 500 }))
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  const exhausted = requeuest.spawnReturning('a', receiver.url, { retry: { maxAttempts: 2 } })
  await expect(exhausted).rejects.toMatchObject({ code: 'request_failed', failureCode: 'attempts_exhausted' })
  await expect(exhausted).rejects.toThrow(/after 2 attempts, the last one with status 500/)
  expect(receiver.requests).toHaveLength(2)
  const expired = requeuest.spawnReturning('a', receiver.url, {
    expiresAfter: 5000,
    retry: { backoff: { base: 60_000 } },
  })
  await expect(expired).rejects.toMatchObject({ failureCode: 'expired' })
  expect(receiver.requests).toHaveLength(3)
})

test('fails at once what can never work, with the reason', async () => {
  const requeuest = createRequeuest(database.prisma, { network: {} })
  await requeuest.start({ channels: ['a'] })
  const rows = {
    blocked: await database.prisma.httpRequest.create({ data: { channel: 'a', url: 'http://127.0.0.1/' } }),
    url: await database.prisma.httpRequest.create({ data: { channel: 'a', url: 'nonsense' } }),
    method: await database.prisma.httpRequest.create({
      data: { channel: 'a', url: 'http://example.com', method: 'no way' },
    }),
    headers: await database.prisma.httpRequest.create({
      data: { channel: 'a', url: 'http://example.com', headers: { a: 1 } },
    }),
    accept: await database.prisma.httpRequest.create({
      data: { channel: 'a', url: 'http://example.com', accept: ['6xx'] },
    }),
  }
  const codes: Record<string, unknown> = {}
  for (const [name, { id }] of Object.entries(rows)) {
    await expect(requeuest.waitFor(id)).rejects.toMatchObject({ code: 'request_failed' })
    const found = await requeuest.find(id)
    codes[name] = [found!.failureCode, found!.attempts[0]!.outcome, found!.attempts[0]!.errorCode]
    expect(found!.attempts[0]!.errorMessage).not.toBeNull()
  }
  const invalid = ['invalid_request', 'invalid', 'invalid_request']
  expect(codes).toEqual({
    blocked: ['address_blocked', 'blocked', 'address_blocked'],
    url: invalid,
    method: invalid,
    headers: invalid,
    accept: invalid,
  })
})

test('sends a row that was made through Prisma, nested or not', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  const { id } = await database.prisma.httpRequest.create({ data: { channel: 'a', url: receiver.url } })
  expect((await requeuest.waitFor(id)).status).toBe(200)
})

test('tells listeners what happens, and survives those that throw', async () => {
  const receiver = await receiverOf((_, index) => (index === 0 ? { status: 500 } : {}))
  const requeuest = createRequeuest(database.prisma)
  requeuest.on('attempt', () => {
    throw new Error('a listener of the application')
  })
  const first = nextEvent<AttemptEvent>(requeuest, 'attempt')
  const second = nextEvent<AttemptEvent>(requeuest, 'attempt', ({ number }) => number === 2)
  const delivered = nextEvent(requeuest, 'delivered')
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', receiver.url)
  const whose = { requestId: id, channel: 'a', method: 'GET', origin: receiver.url }
  expect(await first).toMatchObject({ ...whose, number: 1, outcome: 'rejected', retryInMs: 20 })
  expect(await second).toMatchObject({ ...whose, number: 2, outcome: 'accepted', retryInMs: null })
  expect(await delivered).toEqual({ ...whose, attempts: 2, status: 200, ageMs: expect.any(Number) })
})

test('an attempt tells when sending began and how long it had waited, a delivery how old it is', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
  const data = { channel: 'a', url: receiver.url, createdAt: minutesAgo(10), runAt: minutesAgo(5) }
  const attempt = nextEvent<AttemptEvent>(requeuest, 'attempt')
  const delivered = nextEvent<DeliveredEvent>(requeuest, 'delivered')
  const { id } = await database.prisma.httpRequest.create({ data })
  await requeuest.start({ channels: ['a'] })
  const { startedAt, durationMs, queueWaitMs } = await attempt
  expect(queueWaitMs).toBeCloseTo(300_000, -4)
  expect((await delivered).ageMs).toBeCloseTo(600_000, -4)
  const found = await requeuest.find(id)
  const [recorded] = found!.attempts
  expect(startedAt.getTime()).toBeGreaterThanOrEqual(recorded!.startedAt.getTime())
  // The claim's own duration is not known to this process.
  expect(startedAt.getTime() + durationMs).toBeLessThanOrEqual(found!.finishedAt!.getTime() + 1000)

  const eager = nextEvent<AttemptEvent>(requeuest, 'attempt')
  await requeuest.spawnReturning('a', receiver.url)
  expect((await eager).queueWaitMs).toBeLessThan(5000)
})

test('keeps at most maxResponseBytes of a response', async () => {
  const receiver = await receiverOf(() => ({ body: 'x'.repeat(1000) }))
  const requeuest = createRequeuest(database.prisma, { maxResponseBytes: 10 })
  await requeuest.start({ channels: ['a'] })
  const response = await requeuest.spawnReturning('a', receiver.url)
  expect(response).toMatchObject({ bodyTruncated: true })
  expect(response.text()).toBe('xxxxxxxxxx')
  expect(() => response.json()).toThrow(expect.objectContaining({ code: 'response_truncated' }))
})

test('does not hammer the database for a due request that somebody has locked', async () => {
  let claims = 0
  const counting = database.prisma.$extends({
    query: {
      $queryRaw: ({ args, query }) => {
        if (args.sql.includes('SKIP LOCKED') && args.sql.includes('lane')) claims += 1
        return query(args)
      },
    },
  })
  const { id } = await database.prisma.httpRequest.create({ data: { channel: 'a', url: 'http://example.com/' } })
  const requeuest = new Requeuest(counting)
  onTestFinished(() => requeuest.stop({ timeout: 0 }))
  await database.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id::text FROM requeuest_request WHERE id = ${id}::uuid FOR UPDATE`
    const startedAt = performance.now()
    await requeuest.start({ channels: ['a'] })
    await expect.poll(() => claims, { interval: 5 }).toBeGreaterThanOrEqual(5)
    expect(performance.now() - startedAt).toBeGreaterThan(25 + 50 + 100 + 200 - 10)
    await requeuest.stop()
  })
})
