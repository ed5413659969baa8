import { expect, onTestFinished, test, vi } from 'vitest'
import { oauth2ClientCredentials, Requeuest, type RequeuestOptions } from '../../src/index.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import type { Receiver } from '../support/receiver.ts'

const database = useDatabase()
const breaker = { minRequests: 5, openFor: 60_000, maxOpenFor: 60_000 }

async function started(options: RequeuestOptions = {}): Promise<Requeuest> {
  const requeuest = createRequeuest(database.prisma, { maxRedirects: 3, breaker, ...options })
  await requeuest.start({ channels: 'all' })
  return requeuest
}

/** A receiver that sends everything on to there. */
const redirecting = (to: Receiver) => receiverOf(() => ({ status: 307, headers: { location: `${to.url}/hop` } }))

const originsKept = async () => (await database.prisma.httpLimit.findMany()).map(({ name }) => name)
const attemptsOf = (requestId: string) => database.prisma.httpAttempt.findMany({ where: { requestId } })

test('a redirect makes a pause of where it leads, not of where it comes from', async () => {
  const busy = await receiverOf(() => ({ status: 503, headers: { 'retry-after': '60' } }))
  const front = await receiverOf(({ url }) =>
    url === '/' ? { status: 307, headers: { location: `${busy.url}/hop` } } : {},
  )
  const requeuest = await started({ retry: { backoff: { max: 60_000 } } })
  const paused = new Promise((resolve) => requeuest.on('originPaused', resolve))
  const id = await requeuest.spawn('a', front.url)
  expect(await paused).toMatchObject({ origin: busy.url })
  expect(await originsKept()).toEqual([busy.url])
  // The answer is recorded as ever, and who gives it decides when this request is sent again.
  await vi.waitFor(async () => expect(await attemptsOf(id)).toMatchObject([{ outcome: 'rejected', status: 503 }]))
  const { runAt } = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  expect(runAt.getTime()).toBeGreaterThan(Date.now() + 50_000)
  expect(await requeuest.spawnReturning('a', `${front.url}/fine`)).toMatchObject({ status: 200 })
})

test('a redirect opens the breaker of where it leads, not of where it comes from', async () => {
  const broken = await receiverOf(() => ({ status: 500 }))
  const front = await redirecting(broken)
  const requeuest = await started({ retry: { maxAttempts: 1 } })
  const opened = new Promise((resolve) => requeuest.on('breakerOpened', resolve))
  await requeuest.spawnMany('a', Array(5).fill(front.url))
  expect(await opened).toMatchObject({ origin: broken.url })
  await vi.waitFor(async () => {
    expect(await database.prisma.httpRequest.count({ where: { state: 'failed' } })).toBe(5)
  })
  expect(await originsKept()).toEqual([broken.url])
  // Nothing more is sent to there, and that is nobody's fault but the redirect's.
  const ids = await requeuest.spawnMany('a', Array(5).fill(front.url))
  for (const id of ids) {
    await expect(requeuest.waitFor(id)).rejects.toMatchObject({ lastError: 'redirect_error' })
  }
  expect(broken.requests).toHaveLength(5)
  expect(front.requests).toHaveLength(10)
  expect(await originsKept()).toEqual([broken.url])
})

test('a redirect is not followed to a receiver that is paused, and the attempt says so', async () => {
  const target = await receiverOf()
  const front = await redirecting(target)
  const requeuest = await started({ retry: { maxAttempts: 1 } })
  await requeuest.pause({ origin: target.url })
  const id = await requeuest.spawn('a', front.url)
  const end: unknown = await requeuest.waitFor(id).catch((error) => error)
  expect(end).toMatchObject({ code: 'request_failed', lastError: 'redirect_error' })
  const [attempt] = await attemptsOf(id)
  expect(attempt).toMatchObject({ status: 307, errorCode: 'redirect_error' })
  expect(attempt!.errorMessage).toBe(`the redirect leads to ${target.url}, which is paused or has no room now`)
  expect(target.requests).toHaveLength(0)
})

test.each([
  ['is read after the pause', 'before'],
  ['was read before the pause', 'after'],
] as const)(
  'a redirect is not followed to what this process has paused, while what the worker knows %s',
  async (_, held) => {
    const target = await receiverOf()
    const front = await redirecting(target)
    let release: (() => void) | undefined
    let isHolding = false
    const prisma = wrapClient(database.prisma, async ({ name, run }) => {
      if (name !== 'selectSettings' || !isHolding) return run()
      const rows = held === 'after' ? await run() : undefined
      const isFirst = release === undefined
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return isFirst && rows ? rows : run()
    })
    const requeuest = new Requeuest(prisma, {
      network: { allow: ['127.0.0.1'] },
      maxRedirects: 3,
      retry: { maxAttempts: 1 },
    })
    onTestFinished(() => requeuest.stop({ timeout: 0 }))
    onTestFinished(() => {
      isHolding = false
      release?.()
    })
    await requeuest.start({ channels: 'all' })
    await requeuest.spawnReturning('a', target.url)
    isHolding = true
    if (held === 'after') {
      // A look that has its answer already, which the pause makes untrue.
      await requeuest.setLimits({ channel: 'other' }, { concurrency: 1 })
      await vi.waitFor(() => expect(release).toBeDefined())
    }
    await requeuest.pause({ origin: target.url })
    if (held === 'after') {
      const old = release!
      old()
      await vi.waitFor(() => expect(release).not.toBe(old))
    }
    const id = await requeuest.spawn('a', front.url)
    await vi.waitFor(async () => expect(await attemptsOf(id)).toMatchObject([{ errorCode: 'redirect_error' }]))
    expect(target.requests).toHaveLength(1)
  },
)

test('a redirect is held to the limit of where it leads', async () => {
  let underWay = 0
  let most = 0
  const target = await receiverOf(async () => {
    most = Math.max(most, ++underWay)
    await new Promise((resolve) => setTimeout(resolve, 20))
    underWay--
    return {}
  })
  const front = await redirecting(target)
  const requeuest = await started({ retry: { maxAttempts: 50 } })
  await requeuest.setLimits({ origin: target.url }, { concurrency: 2 })
  const ids = await requeuest.spawnMany('a', Array(12).fill(front.url))
  for (const id of ids) await requeuest.waitFor(id)
  expect(most).toBeLessThanOrEqual(2)
})

test('a redirect may lead back to where it came from, also if that takes one request at a time', async () => {
  const front: Receiver = await receiverOf(({ url }) =>
    url === '/back' ? { status: 200 } : { status: 307, headers: { location: `${between.url}/` } },
  )
  const between: Receiver = await receiverOf(() => ({ status: 307, headers: { location: `${front.url}/back` } }))
  const requeuest = await started()
  await requeuest.setLimits({ origin: front.url }, { concurrency: 1 })
  expect(await requeuest.spawnReturning('a', front.url)).toMatchObject({ status: 200, attempts: 1 })
})

test('a redirect without an end is the failure of no receiver', async () => {
  const front: Receiver = await receiverOf(() => ({ status: 307, headers: { location: `${front.url}/again` } }))
  const requeuest = await started({ retry: { maxAttempts: 1 } })
  const ids = await requeuest.spawnMany('a', Array(8).fill(front.url))
  for (const id of ids) await expect(requeuest.waitFor(id)).rejects.toThrow('redirect_error')
  expect(await originsKept()).toEqual([])
})

/** Spawns what needs a token from there. */
async function spawnFor(endpoint: Receiver, receiver: Receiver, count = 1, options: RequeuestOptions = {}) {
  const requeuest = await started(options)
  const credentials = { tokenUrl: `${endpoint.url}/token`, clientId: 'id', clientSecret: 'secret' }
  requeuest.renderer('crm', oauth2ClientCredentials({ origins: receiver.url, ...credentials }))
  const spawn = () => requeuest.spawnMany('crm', Array(count).fill({ render: 'crm', args: { url: receiver.url } }))
  return { requeuest, spawn }
}
const token = { body: JSON.stringify({ access_token: 't', token_type: 'bearer' }) }

test('what a token is asked of is not asked while it is paused, and no attempt is spent on that', async () => {
  const endpoint = await receiverOf(() => token)
  const receiver = await receiverOf()
  const { requeuest, spawn } = await spawnFor(endpoint, receiver, 3)
  await requeuest.pause({ origin: endpoint.url })
  const ids = await spawn()
  await vi.waitFor(async () => {
    const later = { runAt: { gt: new Date(Date.now() + 300) }, state: 'pending', attemptCount: 0 } as const
    expect(await database.prisma.httpRequest.count({ where: later })).toBe(3)
  }, 5000)
  expect(endpoint.requests).toHaveLength(0)
  await requeuest.resume({ origin: endpoint.url })
  for (const id of ids) expect(await requeuest.waitFor(id)).toMatchObject({ status: 200, attempts: 1 })
  expect(endpoint.requests).toHaveLength(1)
})

test('what a token is asked of is paused by its own Retry-After, and the receiver is not', async () => {
  const endpoint = await receiverOf(() => ({ status: 503, headers: { 'retry-after': '60' } }))
  const receiver = await receiverOf()
  const { requeuest, spawn } = await spawnFor(endpoint, receiver, 1, {
    retry: { backoff: { base: 10, max: 60_000 } },
  })
  const paused = new Promise((resolve) => requeuest.on('originPaused', resolve))
  const [id] = await spawn()
  expect(await paused).toMatchObject({ origin: endpoint.url })
  expect(await originsKept()).toEqual([endpoint.url])
  await vi.waitFor(async () => {
    expect(await database.prisma.httpRequest.findUniqueOrThrow({ where: { id: id! } })).toMatchObject({
      state: 'pending',
      attemptCount: 1,
    })
  })
  expect(await requeuest.spawnReturning('a', receiver.url)).toMatchObject({ status: 200 })
  expect(endpoint.requests).toHaveLength(1)
})

test('what a token is asked of is left alone also when the worker was not told of its Retry-After any more', async () => {
  const endpoint = await receiverOf(() => ({ status: 503, headers: { 'retry-after': '60' } }))
  const receiver = await receiverOf()
  const looks: string[] = []
  const prisma = wrapClient(database.prisma, ({ name, run }) => {
    looks.push(name)
    return run()
  })
  const requeuest = new Requeuest(prisma, {
    network: { allow: ['127.0.0.1'] },
    breaker,
    retry: { backoff: { base: 10 } },
  })
  onTestFinished(() => requeuest.stop({ timeout: 0 }))
  const credentials = { tokenUrl: `${endpoint.url}/token`, clientId: 'id', clientSecret: 'secret' }
  requeuest.renderer('crm', oauth2ClientCredentials({ origins: receiver.url, ...credentials }))
  await requeuest.start({ channels: 'all' })
  const paused = new Promise((resolve) => requeuest.on('originPaused', resolve))
  await requeuest.spawn('crm', { render: 'crm', args: { url: receiver.url } })
  await paused
  looks.length = 0
  await vi.waitFor(() => expect(looks.filter((name) => name === 'selectSettings').length).toBeGreaterThan(3), 5000)
  await requeuest.spawn('crm', { render: 'crm', args: { url: receiver.url } })
  await vi.waitFor(async () => {
    const postponed = { attemptCount: 0, state: 'pending', runAt: { gt: new Date(Date.now() + 300) } } as const
    expect(await database.prisma.httpRequest.count({ where: postponed })).toBe(1)
  }, 5000)
  expect(endpoint.requests).toHaveLength(1)
})

test('what a token is asked of is left alone by its own breaker, whatever the request accepts', async () => {
  const endpoint = await receiverOf(() => ({ status: 500 }))
  const receiver = await receiverOf()
  const options = { retry: { backoff: { base: 10, factor: 1 }, maxAttempts: 50 }, accept: ['5xx', '2xx'] as const }
  const { requeuest, spawn } = await spawnFor(endpoint, receiver, 1, options)
  const opened = new Promise((resolve) => requeuest.on('breakerOpened', resolve))
  await spawn()
  expect(await opened).toMatchObject({ origin: endpoint.url })
  expect(await originsKept()).toEqual([endpoint.url])
  expect(endpoint.requests.length).toBeGreaterThanOrEqual(5)
})
