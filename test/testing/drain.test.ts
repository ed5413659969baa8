import { describe, expect, onTestFinished, test } from 'vitest'
import { http, type RequeuestOptions } from '../../src/index.ts'
import { ExpectationError, receiver, type Script, type TestingOptions, testing } from '../../src/testing/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** Retries are minutes apart, so that no test passes because of one that came by itself. */
const SLOW: RequeuestOptions = { retry: { backoff: { base: '10m', factor: 2, max: '1h', jitter: 'none' } } }

async function setUp(script?: Script, options: RequeuestOptions = {}, kitOptions: TestingOptions = {}) {
  const api = await receiver(script)
  onTestFinished(() => api.close())
  const requeuest = createRequeuest(database.prisma, { ...SLOW, ...options })
  return { api, requeuest, kit: testing(requeuest, { receivers: [api], ...kitOptions }) }
}

const paths = (api: { requests: readonly { path: string }[] }) => api.requests.map(({ path }) => path)

describe('a drain', () => {
  test('sends what is due without a worker, and nothing that is due later', async () => {
    const { api, requeuest, kit } = await setUp()
    await requeuest.spawn('billing', `${api.url}/now`)
    await requeuest.spawn('billing', `${api.url}/later`, { delay: '1h' })
    expect(await kit.drain()).toEqual({ attempts: 1, delivered: 1, failed: 0, retrying: 0 })
    expect(paths(api)).toEqual(['/now'])
  })

  test('until some time sends what becomes due meanwhile, in the order of time, and no more', async () => {
    const { api, requeuest, kit } = await setUp()
    await requeuest.spawn('billing', `${api.url}/3h`, { delay: '3h' })
    await requeuest.spawn('billing', `${api.url}/1h`, { delay: '1h' })
    await requeuest.spawn('billing', `${api.url}/90m`, { delay: '90m' })
    expect(await kit.drain({ until: '2h' })).toMatchObject({ attempts: 2 })
    expect(paths(api)).toEqual(['/1h', '/90m'])
    // Two hours have passed, so the last one is an hour away.
    expect(await kit.drain({ until: '59m' })).toMatchObject({ attempts: 0 })
    expect(await kit.drain({ until: '2m' })).toMatchObject({ attempts: 1 })
  })

  test('until some time retries after each backoff', async () => {
    const { api, requeuest, kit } = await setUp([503, 503, 200])
    const id = await requeuest.spawn('billing', api.url)
    expect(await kit.drain()).toEqual({ attempts: 1, delivered: 0, failed: 0, retrying: 1 })
    expect(await kit.drain({ until: '9m' })).toMatchObject({ attempts: 0 })
    expect(await kit.drain({ until: '22m' })).toEqual({ attempts: 2, delivered: 1, failed: 0, retrying: 1 })
    expect(await requeuest.find(id)).toMatchObject({ state: 'delivered', attemptCount: 3 })
  })

  test('sends what handlers spawn, and what schedules do', async () => {
    const { api, requeuest, kit } = await setUp()
    requeuest.onSettled('billing', async ({ tx }) => {
      await requeuest.spawn('mails', `${api.url}/mail`, { tx })
    })
    await requeuest.spawn('billing', `${api.url}/bill`)
    await requeuest.schedule('report', { cron: '@daily', channel: 'reports', request: http.get(`${api.url}/report`) })
    await kit.drain()
    expect(paths(api)).toEqual(['/bill', '/mail'])
    await kit.drain({ until: '2d' })
    expect(paths(api)).toEqual(['/bill', '/mail', '/report', '/report'])
  })

  test('lets the time pass for which an origin asks', async () => {
    const { api, requeuest, kit } = await setUp([{ status: 503, headers: { 'retry-after': '1800' } }, 200])
    await requeuest.spawn('billing', api.url)
    expect(await kit.drain()).toMatchObject({ attempts: 1 })
    await requeuest.spawn('billing', api.url)
    expect(await kit.drain({ until: '29m' })).toMatchObject({ attempts: 0 })
    expect(await kit.drain({ until: '2m' })).toMatchObject({ attempts: 2, delivered: 2 })
  })

  test('lets the time pass for which a breaker is open', async () => {
    const breaker = { minRequests: 1, openFor: '30m', maxOpenFor: '30m' } as const
    const { api, requeuest, kit } = await setUp([500, 200], { breaker })
    await requeuest.spawn('billing', api.url)
    expect(await kit.drain()).toMatchObject({ attempts: 1 })
    expect(await kit.drain({ until: '20m' })).toMatchObject({ attempts: 0 })
    expect(await kit.drain({ until: '15m' })).toMatchObject({ attempts: 1, delivered: 1 })
  })

  test('lets the time pass that a rate asks for', async () => {
    const { api, requeuest, kit } = await setUp()
    await requeuest.setLimits({ channel: 'billing' }, { rate: { limit: 1, interval: '1h' } })
    await requeuest.spawnMany('billing', [api.url, api.url, api.url])
    expect(await kit.drain()).toMatchObject({ attempts: 1 })
    expect(await kit.drain({ until: '90m' })).toMatchObject({ attempts: 1 })
    expect(await kit.drain({ until: '1h' })).toMatchObject({ attempts: 1 })
  })

  test('fails what expires before its next attempt', async () => {
    const { api, requeuest, kit } = await setUp(500)
    await requeuest.spawn('billing', api.url, { expiresAfter: '15m' })
    expect(await kit.drain({ until: '1h', failures: 'return' })).toMatchObject({ attempts: 2, failed: 1 })
  })

  test('stays within the channels of the kit', async () => {
    const { api, requeuest, kit } = await setUp(200, {}, { channels: ['billing'] })
    await requeuest.spawn('mails', `${api.url}/mail`)
    await requeuest.spawn('mails', `${api.url}/mail`, { delay: '10m' })
    await requeuest.spawn('billing', `${api.url}/bill`, { delay: '10m' })
    await kit.drain({ until: '1h' })
    expect(paths(api)).toEqual(['/bill'])
    await testing(requeuest).drain()
    expect(paths(api)).toEqual(['/bill', '/mail'])
  })

  test('in which a request fails says which and why, unless it is meant to', async () => {
    const { api, requeuest, kit } = await setUp(410, { preset: 'webhook' })
    const id = await requeuest.spawn('billing', `${api.url}/gone?token=secret`)
    const error = await kit.drain().catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ExpectationError)
    expect(error.message).toBe(
      `1 request failed:\n  ${id} billing GET ${api.url}/gone?token=(hidden): rejected after 1 attempt: status 410\n` +
        "If that is meant, pass `{ failures: 'return' }`.",
    )
    await requeuest.spawn('billing', api.url)
    expect(await kit.drain({ failures: 'return' })).toMatchObject({ failed: 1 })
  })

  test('to a receiver on this machine that no option allows says which one does', async () => {
    const { api, requeuest, kit } = await setUp(200, { network: {} })
    await requeuest.spawn('billing', api.url)
    const failing = kit.drain()
    await expect(failing).rejects.toThrow('address_blocked after 1 attempt: 127.0.0.1 is refused')
    await expect(failing).rejects.toThrow("`new Requeuest(prisma, { network: { allow: ['127.0.0.1'] } })`")
  })

  test('that would go on for ever ends at its limit', async () => {
    const { api, requeuest, kit } = await setUp()
    requeuest.onSettled('billing', async ({ tx }) => {
      await requeuest.spawn('billing', api.url, { tx })
    })
    await requeuest.spawn('billing', api.url)
    await expect(kit.drain({ limit: 3 })).rejects.toThrow(
      'After 3 attempts or due times there is more: 4 requests delivered',
    )
  })

  test('of exactly as much as its limit is no failure', async () => {
    const { api, requeuest, kit } = await setUp()
    await requeuest.spawnMany('billing', [api.url, api.url])
    expect(await kit.drain({ limit: 2 })).toMatchObject({ attempts: 2 })
  })

  test('of an instance that was started is refused', async () => {
    const { requeuest, kit } = await setUp()
    await requeuest.start({ channels: ['billing'], listen: false })
    await expect(kit.drain()).rejects.toMatchObject({ code: 'already_started' })
  })

  test.each([{ until: '1 day' }, { limit: 0 }, { failures: 'ignore' }, { untill: '1h' }])(
    'with options that are none is refused: %j',
    async (options) => {
      const { kit } = await setUp()
      await expect(kit.drain(options as never)).rejects.toMatchObject({ code: 'invalid_input' })
    },
  )
})

test('time that passes beside a running worker wakes it', async () => {
  const { api, requeuest, kit } = await setUp()
  await requeuest.start({ channels: 'all', listen: false })
  await requeuest.spawn('billing', api.url, { delay: '1h' })
  await kit.advance('2h')
  expect(await api.waitForRequests(1, { within: '10s' })).toHaveLength(1)
})
