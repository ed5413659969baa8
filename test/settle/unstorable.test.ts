import { expect, test } from 'vitest'
import { reduced } from '../../src/policy/reduced.ts'
import { response } from '../support/factory.ts'
import { connect, createRequeuest, databaseIn, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** Whatever is left out, it ends, and the outcome stays. */
test('an attempt is reduced step by step, and no further', () => {
  const rendered = { method: 'GET', url: 'http://a.test/', headers: [], bodySize: null }
  const said = { headers: [['x-ü', '–']] as [string, string][], errorMessage: 'no – never\u0000', remoteAddress: '::1' }
  let delivery = reduced({ ...response(200), ...said, rendered })
  expect(delivery).toMatchObject({ headers: [['x-?', '?']], errorMessage: 'no ? never?', rendered, status: 200 })
  delivery = reduced(delivery!)
  expect(delivery).toMatchObject({ headers: null, body: null, status: 200, remoteAddress: '::1' })
  expect(delivery).not.toHaveProperty('rendered')
  delivery = reduced(delivery!)
  expect(delivery).toMatchObject({ errorCode: null, remoteAddress: null, status: 200 })
  expect(reduced(delivery!)).toBeNull()
})

test.each(['LATIN1', 'SQL_ASCII', 'EUC_JP'])(
  'in a database whose encoding lacks most letters what cannot be stored of one attempt holds up no other: %s',
  async (encoding) => {
    const prisma = connect(await databaseIn(encoding))
    const receiver = await receiverOf(({ url: path }) =>
      path === '/odd' ? { status: 200, headers: { 'x-odd': 'größe' }, body: 'größe – ☃' } : { status: 200 },
    )
    const requeuest = createRequeuest(prisma)
    requeuest.renderer('odd', () => {
      throw new Error('no – never ☃')
    })
    requeuest.onSettled('handled', () => {
      throw new Error('neither – ☃')
    })
    await requeuest.start({ channels: ['a', 'handled'], concurrency: 10 })
    const odd = [
      await requeuest.spawn('a', `${receiver.url}/odd`),
      await requeuest.spawn('handled', `${receiver.url}/odd`),
    ]
    const failing = await requeuest.spawn('a', { render: 'odd' }, { retry: { maxAttempts: 1 } })
    const good = await requeuest.spawnMany('a', Array(30).fill(receiver.url))
    for (const id of [...odd, ...good]) await requeuest.waitFor(id)
    await expect(requeuest.waitFor(failing)).rejects.toMatchObject({ code: 'request_failed' })
    const [attempt] = (await requeuest.find(failing))!.attempts
    expect(attempt).toMatchObject({ outcome: 'unprepared', errorMessage: expect.stringContaining('never') })
    expect((await requeuest.find(odd[0]!))!.attempts).toMatchObject([{ outcome: 'accepted', status: 200 }])
  },
)

test('a request that a trigger of the user does not let end is retried, and holds up no other', async () => {
  const { prisma } = database
  await prisma.$executeRawUnsafe(
    `CREATE OR REPLACE FUNCTION hold_on() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''mine''; END'`,
  )
  const receiver = await receiverOf()
  const requeuest = createRequeuest(prisma)
  const errors: Error[] = []
  requeuest.on('error', (error) => errors.push(error))
  const held = await requeuest.spawn('a', receiver.url)
  await prisma.$executeRawUnsafe(`
    CREATE TRIGGER hold_on BEFORE UPDATE ON requeuest_request
      FOR EACH ROW WHEN (OLD.id = '${held}' AND NEW.state = 'delivered') EXECUTE FUNCTION hold_on()`)
  await requeuest.start({ channels: ['a'] })
  const others = await requeuest.spawnMany('a', Array(20).fill(receiver.url))
  for (const id of others) await requeuest.waitFor(id)
  await expect.poll(() => errors.some(({ message }) => message.includes('mine'))).toBe(true)
  await prisma.$executeRaw`DROP TRIGGER hold_on ON requeuest_request`
  expect(await requeuest.waitFor(held)).toMatchObject({ status: 200, attempts: 1 })
})
