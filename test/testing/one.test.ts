import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { http, type RequeuestOptions } from '../../src/index.ts'
import { ExpectationError, receiver, type Script, testing } from '../../src/testing/index.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const NOBODY = '019ab000-0000-7000-8000-000000000000'

/** Retries are minutes apart, so that no test passes because of one that came by itself. */
const SLOW: RequeuestOptions = { retry: { backoff: { base: '10m', factor: 2, max: '1h', jitter: 'none' } } }

async function setUp(script?: Script) {
  const api = await receiver(script)
  onTestFinished(() => api.close())
  const requeuest = createRequeuest(database.prisma, SLOW)
  return { api, requeuest, kit: testing(requeuest) }
}

const paths = (api: { requests: readonly { path: string }[] }) => api.requests.map(({ path }) => path)

describe('an attempt', () => {
  test('is made of one request alone, also of one that is not due yet', async () => {
    const { api, requeuest, kit } = await setUp([503, 200])
    await requeuest.spawn('billing', `${api.url}/other`, { priority: 0 })
    const id = await requeuest.spawn('billing', `${api.url}/one`, { delay: '1d' })
    await expect(kit.attempt(id)).resolves.toMatchObject({ number: 1, outcome: 'rejected', status: 503 })
    await expect(kit.attempt(id)).resolves.toMatchObject({ number: 2, outcome: 'accepted', status: 200 })
    expect(paths(api)).toEqual(['/one', '/one'])
  })

  test('leaves the times of the others as they are', async () => {
    const { api, requeuest, kit } = await setUp()
    const other = await requeuest.spawn('billing', api.url, { delay: '1d' })
    const before = await requeuest.find(other)
    await kit.attempt(await requeuest.spawn('billing', api.url))
    expect(await requeuest.find(other)).toEqual(before)
  })

  test('cannot be made of what is final, waits in a line, is paused or not there', async () => {
    const { api, requeuest, kit } = await setUp()
    const id = await requeuest.spawn('billing', api.url)
    await kit.attempt(id)
    await expect(kit.attempt(id)).rejects.toThrow('has no next attempt: it is delivered')
    await requeuest.spawn('lines', api.url, { order: { key: 'a' } })
    const second = await requeuest.spawn('lines', api.url, { order: { key: 'a' } })
    await expect(kit.attempt(second)).rejects.toThrow('was not sent: it waits behind another one in its line')
    await requeuest.pause({ channel: 'mails' })
    const paused = await requeuest.spawn('mails', api.url)
    await expect(kit.attempt(paused)).rejects.toThrow('is its channel or its origin paused')
    await expect(kit.attempt(NOBODY)).rejects.toThrow(`There is no request ${NOBODY}`)
    expect(api.requests).toHaveLength(1)
  })
})

describe('a request is settled', () => {
  test('after as many attempts and as much time as it takes', async () => {
    const { api, requeuest, kit } = await setUp([503, 'reset', 503, 200])
    const id = await requeuest.spawn('billing', api.url, { delay: '1d' })
    const { state, attempts } = await kit.settled(id)
    expect(state).toBe('delivered')
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['rejected', 'network_error', 'rejected', 'accepted'])
    const [first, second] = attempts
    // The waits are those of the backoff, though no time has really passed.
    expect(Number(second?.startedAt) - Number(first?.startedAt)).toBeGreaterThanOrEqual(600_000 - 1000)
  })

  test('also by retries that are due before anybody has looked', async () => {
    const { api } = await setUp([503, 200])
    const countNotDue = async () => {
      const rows = await database.prisma.$queryRaw<unknown[]>`
        SELECT FROM requeuest_request WHERE state = 'pending' AND run_at > statement_timestamp()`
      return rows.length
    }
    const late = wrapClient(database.prisma, async ({ name, run }) => {
      // The retry becomes due in between.
      if (name === 'findNextTime')
        await vi.waitFor(async () => expect(await countNotDue()).toBe(0), { timeout: 10_000 })
      return run()
    })
    const requeuest = createRequeuest(late as never, { retry: { backoff: { base: 300, factor: 1, jitter: 'none' } } })
    const id = await requeuest.spawn('billing', api.url)
    await expect(testing(requeuest).settled(id)).resolves.toMatchObject({ state: 'delivered', attemptCount: 2 })
  })

  test('while time stands still for other channels', async () => {
    const { api, requeuest, kit } = await setUp([503, 200])
    await requeuest.spawn('mails', `${api.url}/mail`, { delay: '1m' })
    // In about five minutes, which is before the retry.
    const cron = `${(new Date().getUTCMinutes() + 5) % 60} * * * *`
    await requeuest.schedule('report', { cron, channel: 'reports', request: http.get(`${api.url}/report`) })
    await kit.settled(await requeuest.spawn('billing', `${api.url}/bill`))
    await kit.drain()
    expect(paths(api)).toEqual(['/bill', '/bill'])
  })

  test('when those before it in its line are', async () => {
    const { api, requeuest, kit } = await setUp([503, 200])
    await requeuest.spawn('lines', `${api.url}/first`, { order: { key: 'a' } })
    const second = await requeuest.spawn('lines', `${api.url}/second`, { order: { key: 'a' } })
    expect(await kit.settled(second)).toMatchObject({ state: 'delivered' })
    expect(paths(api)).toEqual(['/first', '/first', '/second'])
  })

  test('as failed only where that is meant', async () => {
    const { api, requeuest, kit } = await setUp(500)
    const spawn = () => requeuest.spawn('billing', api.url, { retry: { maxAttempts: 2 } })
    const failed = await spawn()
    const error = await kit.settled(failed).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ExpectationError)
    expect(error.message).toContain(
      `${failed} billing GET ${api.url}/: attempts_exhausted after 2 attempts: status 500`,
    )
    expect(await kit.settled(await spawn(), { failures: 'return' })).toMatchObject({
      failureCode: 'attempts_exhausted',
    })
    await expect(kit.settled(failed)).rejects.toThrow('attempts_exhausted')
  })

  test('never if it is paused, or retried without end', async () => {
    const { api, requeuest, kit } = await setUp(500)
    await requeuest.pause({ channel: 'mails' })
    const paused = await requeuest.spawn('mails', api.url)
    await expect(kit.settled(paused)).rejects.toThrow('does not become final: is its channel or its origin paused')
    const retried = await requeuest.spawn('billing', api.url)
    await expect(kit.settled(retried, { limit: 5 })).rejects.toThrow('After 5 attempts or due times there is more')
    const hourly = { cron: '@hourly', channel: 'mails', request: http.get(api.url) }
    await requeuest.schedule('hourly', hourly)
    await expect(kit.settled(paused, { limit: 5 })).rejects.toThrow('After 5 attempts or due times there is more')
    await expect(kit.settled(NOBODY)).rejects.toThrow(`There is no request ${NOBODY}`)
  })
})
