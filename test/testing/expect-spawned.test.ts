import { describe, expect, test } from 'vitest'
import { http, InvalidInputError } from '../../src/index.ts'
import { ExpectationError, testing } from '../../src/testing/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'https://api.example.com/bills'

function setUp(options = {}) {
  const requeuest = createRequeuest(database.prisma)
  return { requeuest, kit: testing(requeuest, options) }
}

describe('an expectation of spawned requests', () => {
  test('finds them by what a filter and a message have, and returns them', async () => {
    const { requeuest, kit } = setUp()
    const headers = { 'X-Tenant': 'a' }
    const id = await requeuest.spawn('billing', http.post(url, { json: { cents: 9900, to: 'me' }, headers }))
    await requeuest.spawn('billing', http.post(url, { json: { cents: 1 } }))
    await requeuest.spawn('mails', url)
    const filter = { channel: 'billing', method: 'POST', url, headers: { 'x-tenant': 'a' }, json: { cents: 9900 } }
    const [bill] = await kit.expectSpawned(filter, { count: 1 })
    expect(bill).toMatchObject({ id, channel: 'billing', state: 'pending' })
    expect(bill.json()).toEqual({ cents: 9900, to: 'me' })
    await kit.expectSpawned({ json: { cents: expect.any(Number) } }, { count: 2 })
    await kit.expectSpawned({}, { count: 3 })
  })

  test('shows headers that carry credentials, and what is encrypted', async () => {
    const requeuest = createRequeuest(database.prisma, {
      encryption: { current: 'a', keys: { a: Buffer.alloc(32, 1).toString('base64') } },
    })
    await requeuest.spawn('billing', http.post(url, { json: { a: 1 }, headers: { authorization: 'Bearer secret' } }))
    const [bill] = await testing(requeuest).expectSpawned({
      json: { a: 1 },
      headers: { Authorization: 'Bearer secret' },
    })
    expect(bill.headers).toContainEqual(['authorization', 'Bearer secret'])
  })

  test('takes final requests for none, unless they are asked for', async () => {
    const { requeuest, kit } = setUp()
    await requeuest.cancel(await requeuest.spawn('billing', url))
    await expect(kit.expectSpawned({ channel: 'billing' }, { count: 0 })).resolves.toEqual([])
    await kit.expectSpawned({ channel: 'billing', state: 'cancelled' }, { count: 1 })
  })

  test('of another number than there are lists those that there are', async () => {
    const { requeuest, kit } = setUp()
    const id = await requeuest.spawn('billing', `${url}?token=secret`)
    const error = await kit.expectSpawned({ channel: 'billing' }, { count: 2 }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ExpectationError)
    expect(error.message).toBe(
      `Expected 2 requests with { channel: 'billing' }, found 1. They are:\n  ${id} billing pending GET ${url}?token=(hidden)`,
    )
  })

  test('that nothing meets lists what there is, with the bodies if those were looked at', async () => {
    const { requeuest, kit } = setUp()
    await expect(kit.expectSpawned({ channel: 'mails' })).rejects.toThrow('found 0. There is no request at all.')
    const id = await requeuest.spawn('billing', http.post(url, { json: { cents: 1 } }))
    await expect(kit.expectSpawned({ channel: 'mails' })).rejects.toThrow(`${id} billing pending POST ${url}`)
    await expect(kit.expectSpawned({ json: { cents: 2 } })).rejects.toThrow(`${url} {"cents":1}`)
  })

  test('waits for requests that come within a time', async () => {
    const { requeuest, kit } = setUp()
    const waiting = kit.expectSpawned({ channel: 'billing' }, { within: '10s' })
    await requeuest.spawn('billing', url)
    expect(await waiting).toHaveLength(1)
    await expect(kit.expectSpawned({ channel: 'mails' }, { within: 60 })).rejects.toThrow('within 60 ms, found 0')
  })

  test('of none waits whether some come within a time', async () => {
    const { requeuest, kit } = setUp()
    const waiting = kit.expectSpawned({ channel: 'billing' }, { count: 0, within: '10s' })
    const failure = expect(waiting).rejects.toThrow('Expected 0 requests')
    await requeuest.spawn('billing', url)
    await failure
    expect(await kit.expectSpawned({ channel: 'mails' }, { count: 0, within: 60 })).toEqual([])
  })

  test('sees in a transaction what it has spawned, which nobody else does, nor anybody after a rollback', async () => {
    const { requeuest, kit } = setUp()
    const rolledBack = database.prisma.$transaction(async (tx) => {
      await requeuest.spawn('billing', url, { tx })
      await kit.expectSpawned({ channel: 'billing' }, { tx, count: 1 })
      await kit.expectSpawned({ channel: 'billing' }, { count: 0 })
      throw new Error('out of stock')
    })
    await expect(rolledBack).rejects.toThrow('out of stock')
    await kit.expectSpawned({ channel: 'billing' }, { count: 0 })
  })

  test('looks at the channels of the kit alone', async () => {
    const { requeuest, kit } = setUp({ channels: ['billing'] })
    await requeuest.spawn('mails', url)
    await kit.expectSpawned({}, { count: 0 })
    await kit.expectSpawned({ channel: 'mails' }, { count: 0 })
    await requeuest.spawn('billing', url)
    await kit.expectSpawned({ channel: { in: ['billing', 'mails'] } }, { count: 1 })
    await kit.expectSpawned({}, { count: 1 })
  })

  test.each<[filter: object, options: object, field: string]>([
    [{ chanel: 'billing' }, {}, 'where.chanel'],
    [{ channel: undefined }, {}, 'where.channel'],
    [{}, { cuont: 1 }, 'options.cuont'],
    [{}, { count: -1 }, 'options.count'],
    [{}, { within: 'soon' }, 'options.within'],
    [{}, { tx: undefined }, 'options.tx'],
  ])('of %j with %j is refused', async (filter, options, field) => {
    const error = await setUp()
      .kit.expectSpawned(filter, options)
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(InvalidInputError)
    expect(error.field).toBe(field)
  })
})

test('what a callback has spawned is found without what was there before, however it was written', async () => {
  const { requeuest, kit } = setUp()
  await requeuest.spawn('billing', url)
  const spawned = await kit.spawnedBy(async () => {
    await requeuest.spawn('mails', http.post(url, { json: { to: 'me' } }))
    await database.prisma.httpRequest.create({ data: { channel: 'billing', url } })
    await database.prisma
      .$transaction(async (tx) => {
        await requeuest.spawn('never', url, { tx })
        throw new Error('out of stock')
      })
      .catch(() => {})
  })
  expect(spawned.map(({ channel }) => channel).sort()).toEqual(['billing', 'mails'])
  expect(spawned.find(({ channel }) => channel === 'mails')?.json()).toEqual({ to: 'me' })
})

test('what throws in a callback is thrown', async () => {
  const { kit } = setUp()
  const failing = kit.spawnedBy(() => {
    throw new Error('out of stock')
  })
  await expect(failing).rejects.toThrow('out of stock')
})

test('a kit needs an instance, and options that it knows', () => {
  const { requeuest } = setUp()
  expect(() => testing({} as never)).toThrow('requeuest must be an instance of Requeuest')
  expect(() => testing(requeuest, { chanels: ['a'] } as never)).toThrow('options.chanels')
  expect(() => testing(requeuest, { channels: [] })).toThrow('options.channels')
})
