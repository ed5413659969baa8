import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { InvalidInputError, type Requeuest, type RequeuestError, type SettledInput } from '../../src/index.ts'
import { claim, endLeases, nextEvent } from '../support/factory.ts'
import { connect, createRequeuest, receiverOf } from '../support/fixture.ts'
import { addEffect, effectsIn, useEffects } from './effects.ts'

const database = useEffects()

const PATIENT = { timeout: 10_000 }

const effects = () => effectsIn(database.prisma)
const rowOf = (id: string) => database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })

function errorsOf(requeuest: Requeuest): RequeuestError[] {
  const errors: RequeuestError[] = []
  requeuest.on('error', (error) => errors.push(error))
  return errors
}

/** A promise, and what resolves it. */
function gate(): { passed: Promise<void>; open: () => void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

test('what a handler writes is committed in the transaction that records the outcome', async () => {
  const { prisma } = database
  const receiver = await receiverOf()
  const requeuest = createRequeuest(prisma).onSettled('a', ({ tx, request }) => addEffect(tx, request))
  await requeuest.start({ channels: ['a', 'b'] })
  const [id, other] = [await requeuest.spawn('a', receiver.url), await requeuest.spawn('b', receiver.url)]
  await requeuest.waitFor(id)
  await requeuest.waitFor(other)
  expect(await effects()).toEqual({ [id]: ['delivered'] })
  const [together] = await prisma.$queryRaw<{ yes: boolean }[]>`
    SELECT request.xmin = effect.xmin AND attempt.xmin = effect.xmin AS yes FROM effect
    JOIN requeuest_request AS request ON request.id = request_id
    JOIN requeuest_attempt AS attempt ON attempt.request_id = request.id`
  expect(together).toEqual({ yes: true })
  expect(await rowOf(id)).toMatchObject({ handlerDueAt: null, handlerErrors: 0 })
})

test('it is given the request and the deciding attempt, readable, with credentials hidden', async () => {
  const receiver = await receiverOf((_, index) => ({ status: index === 0 ? 503 : 200, body: `answer ${index}` }))
  const seen: Omit<SettledInput<unknown>, 'tx'>[] = []
  const requeuest = createRequeuest(database.prisma, {
    encryption: { keys: { k: randomBytes(32) }, current: 'k' },
  }).onSettled('a', ({ request, attempt }) => void seen.push({ request, attempt }))
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', {
    ...{ method: 'POST', url: receiver.url, body: 'question' },
    headers: { authorization: 'Bearer secret', 'x-a': '1' },
  })
  await requeuest.waitFor(id)
  expect(seen).toEqual([
    {
      request: expect.objectContaining({ id, channel: 'a', state: 'delivered', attemptCount: 2, failureCode: null }),
      attempt: expect.objectContaining({ number: 2, outcome: 'accepted', status: 200, startedAt: expect.any(Date) }),
    },
  ])
  const [{ request, attempt }] = seen as [(typeof seen)[number]]
  expect([String(Buffer.from(request.body!)), String(Buffer.from(attempt!.body!))]).toEqual(['question', 'answer 1'])
  expect(request.headers).toContainEqual(['authorization', '(hidden)'])
  expect(request.headers).toContainEqual(['x-a', '1'])
  expect(request.finishedAt).toBeInstanceOf(Date)
  expect(request).not.toHaveProperty('attempts')
})

test('one that throws is undone and retried until it succeeds, and the request is not sent again', async () => {
  const { prisma } = database
  const receiver = await receiverOf()
  const failuresSeen: number[] = []
  const requeuest = createRequeuest(prisma).onSettled('a', async ({ tx, request }) => {
    await addEffect(tx, request)
    failuresSeen.push((await rowOf(request.id)).handlerErrors)
    if (failuresSeen.length < 4) throw new Error('no luck')
  })
  const errors = errorsOf(requeuest)
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', receiver.url)
  await requeuest.waitFor(id)
  expect((await rowOf(id)).handlerDueAt).not.toBeNull()
  await expect.poll(effects, PATIENT).toEqual({ [id]: ['delivered'] })
  await expect.poll(() => rowOf(id), PATIENT).toMatchObject({ handlerDueAt: null, handlerErrors: 0 })
  expect(failuresSeen).toEqual([0, 0, 1, 2])
  expect(receiver.requests).toHaveLength(1)
  expect(errors.map(({ code, cause }) => [code, (cause as Error).message])).toEqual(
    Array.from({ length: 3 }, () => ['handler_failed', 'no luck']),
  )
  expect(errors[0]?.message).toBe(`The handler of "a" failed for request ${id}: no luck`)
})

test('one that passes over an error of the database commits nothing, and is retried', async () => {
  const receiver = await receiverOf()
  let runs = 0
  const requeuest = createRequeuest(database.prisma).onSettled('a', async ({ tx, request }) => {
    await addEffect(tx, request)
    if (++runs < 3) await Promise.allSettled([tx.$queryRaw`SELECT 1 / 0`])
  })
  const errors = errorsOf(requeuest)
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', receiver.url)
  await requeuest.waitFor(id)
  await expect.poll(effects, PATIENT).toEqual({ [id]: ['delivered'] })
  expect(runs).toBe(3)
  expect(receiver.requests).toHaveLength(1)
  expect(errors.map(({ code }) => code)).toEqual(['database_error', 'database_error'])
})

test.each<[string, (settled: SettledInput<{ $queryRaw(...args: never[]): PromiseLike<unknown> }>) => unknown]>([
  ['waits for something else', () => new Promise(() => {})],
  ['waits for the database', ({ tx }) => (tx as typeof database.prisma).$queryRaw`SELECT pg_sleep(60)::text`],
])('one that %s for too long is undone and retried', async (_, stall) => {
  const receiver = await receiverOf()
  let runs = 0
  const requeuest = createRequeuest(database.prisma).onSettled(
    'a',
    async (settled) => {
      await addEffect(settled.tx, settled.request)
      if (++runs < 3) await stall(settled)
    },
    { timeout: 200 },
  )
  const errors = errorsOf(requeuest)
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', receiver.url)
  await requeuest.waitFor(id)
  await expect.poll(effects, PATIENT).toEqual({ [id]: ['delivered'] })
  expect(runs).toBe(3)
  expect(receiver.requests).toHaveLength(1)
  expect(errors.map(({ code }) => code)).toEqual(['handler_failed', 'handler_failed'])
})

test("slow handlers of one channel hold up neither that channel's requests nor another's handlers", async () => {
  const receiver = await receiverOf()
  const { passed, open } = gate()
  const requeuest = createRequeuest(database.prisma)
    .onSettled('slow', () => passed, { timeout: 60_000 })
    .onSettled('fast', ({ tx, request }) => addEffect(tx, request))
  await requeuest.start({ channels: ['slow', 'fast', 'none'] })
  const slow = await requeuest.spawnMany('slow', new Array(60).fill(receiver.url))
  await expect.poll(() => receiver.requests.length, PATIENT).toBe(60)
  const ids = [
    ...(await requeuest.spawnMany('fast', new Array(100).fill(receiver.url))),
    ...(await requeuest.spawnMany('none', new Array(100).fill(receiver.url))),
  ]
  await Promise.all(ids.map((id) => requeuest.waitFor(id)))
  await expect.poll(async () => Object.keys(await effects()).length, PATIENT).toBe(100)
  // All but those that run are recorded, to be handled later.
  const recorded = () => database.prisma.httpRequest.count({ where: { channel: 'slow', state: 'delivered' } })
  await expect.poll(recorded, PATIENT).toBe(58)
  open()
  await Promise.all(slow.map((id) => requeuest.waitFor(id)))
  const due = () => database.prisma.httpRequest.count({ where: { handlerDueAt: { not: null } } })
  await expect.poll(due, PATIENT).toBe(0)
  expect(receiver.requests).toHaveLength(260)
})

test('slow handlers of three channels leave those of a fourth the slots that they need', async () => {
  const receiver = await receiverOf()
  const { passed, open } = gate()
  const slow = ['slow 1', 'slow 2', 'slow 3']
  const requeuest = createRequeuest(database.prisma).onSettled('fast', ({ tx, request }) => addEffect(tx, request))
  for (const channel of slow) requeuest.onSettled(channel, () => passed, { timeout: 60_000 })
  await requeuest.start({ channels: [...slow, 'fast'] })
  for (const channel of slow) await requeuest.spawnMany(channel, new Array(30).fill(receiver.url))
  await expect.poll(() => receiver.requests.length, PATIENT).toBe(90)
  await requeuest.spawnMany('fast', new Array(30).fill(receiver.url))
  await expect.poll(async () => Object.keys(await effects()).length, PATIENT).toBe(30)
  open()
})

test('what becomes final without being sent, or in a process that has no handler, is handled as well', async () => {
  const { prisma } = database
  const receiver = await receiverOf()
  const other = createRequeuest(connect(database.url))
  const poison = await prisma.httpRequest.create({ data: { channel: 'a', url: receiver.url, leaseExpiries: 4 } })
  await claim(prisma, { channel: 'a', workerId: 'dead' })
  const requeuest = createRequeuest(prisma).onSettled('a', async ({ tx, request, attempt }) => {
    await addEffect(tx, { ...request, state: `${request.state} ${request.failureCode} ${attempt?.outcome}` })
  })
  await requeuest.start({ channels: ['none'] })
  const cancelled = await other.spawn('a', receiver.url, { delay: 60_000 })
  const withdrawn = await other.spawn('a', receiver.url, { delay: 60_000 })
  await other.cancel(withdrawn)
  await other.clear({ channel: 'a' })
  const past = new Date(Date.now() - 1000)
  const unsent = { channel: 'a', url: receiver.url, expiresAt: past, runAt: new Date(Date.now() + 60_000) }
  const expired = await prisma.httpRequest.create({ data: unsent })
  await endLeases(prisma)
  await other.start({ channels: ['a'] })
  const delivered = await other.spawn('a', receiver.url)
  await expect.poll(effects, PATIENT).toEqual({
    [cancelled]: ['cancelled null undefined'],
    [withdrawn]: ['cancelled null undefined'],
    [expired.id]: ['failed expired undefined'],
    [poison.id]: ['failed poison abandoned'],
    [delivered]: ['delivered null accepted'],
  })
})

test('of many processes one handles each request', async () => {
  const { prisma } = database
  const requeuests = [database.prisma, connect(database.url), connect(database.url)].map((client) =>
    createRequeuest(client).onSettled('a', ({ tx, request }) => addEffect(tx, request)),
  )
  const [first] = requeuests as [Requeuest]
  await first.start({ channels: ['none'] })
  await first.stop()
  const ids = await first.spawnMany('a', new Array(60).fill('http://example.com/'))
  await first.clear({ channel: 'a' })
  await Promise.all(requeuests.map((one) => one.start({ channels: ['none'] })))
  await expect.poll(() => prisma.httpRequest.count({ where: { handlerDueAt: { not: null } } }), PATIENT).toBe(0)
  expect(await effects()).toEqual(Object.fromEntries(ids.map((id) => [id, ['cancelled']])))
})

test('a row that somebody has locked is handled when it is free', async () => {
  const { prisma } = database
  const { passed, open } = gate()
  const receiver = await receiverOf(async () => {
    await passed
    return {}
  })
  const requeuest = createRequeuest(prisma).onSettled('a', ({ tx, request }) => addEffect(tx, request))
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', receiver.url)
  await expect.poll(() => receiver.requests.length, PATIENT).toBe(1)
  await connect(database.url).$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM requeuest_request FOR UPDATE`
    open()
    await tx.$queryRaw`SELECT pg_sleep(0.3)::text`
    expect(await effects()).toEqual({})
  })
  await requeuest.waitFor(id)
  await expect.poll(effects, PATIENT).toEqual({ [id]: ['delivered'] })
  expect(receiver.requests).toHaveLength(1)
})

test('a request that its worker has lost is handled where it is settled, and only there', async () => {
  const { prisma } = database
  const { passed, open } = gate()
  const receiver = await receiverOf(async (_, index) => {
    if (index === 0) await passed
    return { status: index === 0 ? 503 : 200 }
  })
  const requeuests = [prisma, connect(database.url)].map((client) =>
    createRequeuest(client, { retry: { maxAttempts: 2 } }).onSettled('a', ({ tx, request }) => addEffect(tx, request)),
  )
  const [first, second] = requeuests as [Requeuest, Requeuest]
  await first.start({ channels: ['a'] })
  const id = await first.spawn('a', receiver.url)
  await expect.poll(() => receiver.requests.length, PATIENT).toBe(1)
  const lost = nextEvent(first, 'claimLost')
  await prisma.httpRequest.updateMany({ data: { maxAttempts: 1 } })
  await prisma.$executeRaw`UPDATE requeuest_request SET state = 'pending', lease_until = NULL, claimed_by = NULL, claimed_at = NULL`
  await second.start({ channels: ['a'] })
  await second.waitFor(id)
  open()
  await lost
  expect(await effects()).toEqual({ [id]: ['delivered'] })
})

test('in a line, the next request is sent when the one before is handled', async () => {
  const { prisma } = database
  const order: string[] = []
  const receiver = await receiverOf(({ url }) => {
    order.push(`sent ${url}`)
    return {}
  })
  const requeuest = createRequeuest(prisma).onSettled('a', ({ request }) => {
    order.push(`handled ${new URL(request.url).pathname}`)
  })
  await requeuest.start({ channels: ['a'] })
  const ids = await requeuest.spawnMany('a', [`${receiver.url}/1`, `${receiver.url}/2`], { order: { key: 'line' } })
  for (const id of ids) await requeuest.waitFor(id)
  expect(order).toEqual(['sent /1', 'handled /1', 'sent /2', 'handled /2'])
})

test('stop() undoes a handler that does not end, records the outcome, and the next start handles it', async () => {
  const { prisma } = database
  const receiver = await receiverOf()
  const running = gate()
  const first = createRequeuest(prisma).onSettled(
    'a',
    async ({ tx, request }) => {
      await addEffect(tx, request)
      running.open()
      await new Promise(() => {})
    },
    { timeout: 60_000 },
  )
  const errors = errorsOf(first)
  await first.start({ channels: ['a'] })
  const id = await first.spawn('a', receiver.url)
  await running.passed
  await first.stop({ timeout: 0 })
  expect(await rowOf(id)).toMatchObject({ state: 'delivered', handlerDueAt: expect.any(Date) })
  expect(errors).toEqual([])

  const second = createRequeuest(prisma).onSettled('a', ({ tx, request }) => addEffect(tx, request))
  await second.start({ channels: ['a'] })
  await expect.poll(effects, PATIENT).toEqual({ [id]: ['delivered'] })
  expect(receiver.requests).toHaveLength(1)
})

test('retention waits for the handler', async () => {
  const { prisma } = database
  const past = new Date(Date.now() - 86_400_000 * 3)
  const final = { channel: 'a', url: 'http://example.com/', state: 'delivered', finishedAt: past } as const
  const { id } = await prisma.httpRequest.create({ data: { ...final, handlerDueAt: past } })
  await prisma.httpRequest.create({ data: final })
  const requeuest = createRequeuest(prisma, { retention: { delivered: '1d', bodies: '1d' } })
  await requeuest.start({ channels: ['a'] })
  await expect.poll(() => prisma.httpRequest.count(), PATIENT).toBe(1)
  expect(await rowOf(id)).toMatchObject({ bodiesPruned: false })
})

test.each<[string, unknown[], string, string]>([
  ['no channel', ['', () => {}], 'channel', 'a text'],
  ['no handler', ['a'], 'handler', 'a function'],
  ['a handler that is a text', ['a', 'insert'], 'handler', 'a function'],
  ['an unknown option', ['a', () => {}, { timeoutMs: 5 }], 'options.timeoutMs', 'did you mean `timeout`'],
  ['options that are a number', ['a', () => {}, 5000], 'options', 'an object'],
  ['no time', ['a', () => {}, { timeout: 0 }], 'options.timeout', 'from 1 ms to 1 minute'],
  ['more than a minute', ['a', () => {}, { timeout: 60_001 }], 'options.timeout', 'from 1 ms to 1 minute'],
  ['a second handler', ['taken', () => {}], 'channel', 'no handler yet'],
])('bad input is refused: %s', (_, args, field, message) => {
  const requeuest = createRequeuest(database.prisma).onSettled('taken', () => {})
  let thrown: unknown
  try {
    requeuest.onSettled(...(args as Parameters<typeof requeuest.onSettled>))
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(InvalidInputError)
  expect(thrown).toMatchObject({ field, message: expect.stringContaining(message) })
})

test('handlers are refused while the worker runs: some requests would be missed', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  expect(() => requeuest.onSettled('a', () => {})).toThrow(expect.objectContaining({ code: 'already_started' }))
  await requeuest.stop()
  requeuest.onSettled('a', () => {})
})
