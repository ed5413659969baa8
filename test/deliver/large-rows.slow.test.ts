import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** No text of V8 can hold this much in base64 or hexadecimal. */
const TOO_LARGE = 420_000_000
/** Compressed it is more than a claim reads of one column. */
const LARGE = 40_000_000

/** A row of one's own, in which `column` has the value that SQL makes of `size`. */
async function createLarge(url: string, column: string, value: string): Promise<string> {
  const { id } = await database.prisma.httpRequest.create({ data: { channel: 'a', url } })
  await database.prisma.$executeRawUnsafe(`UPDATE requeuest_request SET ${column} = ${value} WHERE id = '${id}'`)
  return id
}

const columns: [what: string, column: string, value: string, message: RegExp][] = [
  [
    'a body',
    'body',
    `repeat('x', ${TOO_LARGE})::bytea`,
    /^The body has 420000000 bytes, and at most 104857600 can be sent\.$/,
  ],
  [
    'headers',
    'headers',
    `jsonb_build_array(jsonb_build_array('x', repeat('a', ${LARGE})))`,
    /^The headers take \d+ bytes even as they are stored, which is more than can be sent\.$/,
  ],
  ['a URL', 'url', `url || repeat('x', ${LARGE})`, /longer than 8192 characters/],
  ['a method', 'method', `repeat('x', ${LARGE})`, /longer than 32 characters/],
  ['an accept set', 'accept', `ARRAY[repeat('1', ${LARGE})]`, /accept/],
  ['a policy by status', 'on_status', `jsonb_build_object('2xx', repeat('x', ${LARGE}))`, /onStatus/],
]

test.each(columns)(
  'a row of one’s own with %s that is too large is failed with its reason, and ends nothing',
  async (_what, column, value, message) => {
    const receiver = await receiverOf()
    const requeuest = createRequeuest(database.prisma)
    const id = await createLarge(receiver.url, column, value)
    const other = await requeuest.spawn('a', receiver.url)
    await requeuest.start({ channels: ['a'] })
    await expect(requeuest.waitFor(id)).rejects.toMatchObject({ failureCode: 'invalid_request' })
    expect(await requeuest.waitFor(other)).toMatchObject({ status: 200 })
    const found = await requeuest.find(id)
    expect(found).toMatchObject({ id, state: 'failed', body: null, attempts: [{ outcome: 'invalid' }] })
    expect(found!.attempts[0]!.errorMessage).toMatch(message)
    expect(receiver.requests).toHaveLength(1)
  },
  60_000,
)

test('a row of one’s own that is too large to be read can be sent elsewhere, but not with other headers', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const id = await createLarge(receiver.url, 'body', `repeat('x', 110000000)::bytea`)
  expect(await requeuest.retarget(id, { url: `${receiver.url}/b` })).toMatchObject({ changed: true })
  expect(await requeuest.retarget(id, { headers: { x: 'y' } })).toMatchObject({ changed: false })
}, 60_000)
