import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** What raw SQL can write into a row that names its origin, which the triggers then do not judge. */
const ODD: [name: string, set: string][] = [
  ['a count of attempts that cannot be raised', 'attempt_count = 2147483647'],
  ['a count of attempts below nothing', 'attempt_count = -2147483648'],
  ['more attempts before than ever', 'attempts_before = 2147483647'],
  ['a timeout of 24 days', 'timeout_ms = 2147483647'],
  ['a timeout below nothing', 'timeout_ms = -2147483648'],
  ['a factor that is no number', "backoff_factor = 'NaN'"],
  ['a factor without end', "backoff_factor = 'Infinity'"],
  ['waits in waits', "backoff_delays_ms = '{{1000,2000},{1,2}}'"],
  ['a wait that is missing', "backoff_delays_ms = '{1000,NULL}'"],
  ['a wait below nothing', 'backoff_base_ms = -5'],
  ['a priority below all', 'priority = -32768'],
  ['a priority above all', 'priority = 32767'],
  ['an accept set of NULL', 'accept = NULL'],
  ['an accept set with NULL in it', "accept = '{NULL}'"],
  ['an accept set in two dimensions', "accept = '{{2xx},{3xx}}'"],
  ['rules by status that are no object', `on_status = '"x"'`],
  ['headers that are no list', `headers = '{"a": 1}'`],
  ['headers of headers', `headers = '[[["a"], 5]]'`],
  ['a header that is a number past all that JavaScript has', `headers = '[["a", 1e131071]]'`],
  ['rules by status that are a number past all that JavaScript has', `on_status = '1e131071'`],
  ['rules by status with such a number', `on_status = '{"404": 1e400}'`],
  ['an URL that is none', "url = ':', origin = ''"],
  ['a method with a space', "method = 'GET /x'"],
  ['32767 expired leases', 'lease_expiries = 32767'],
  ['redirects without end', 'max_redirects = 32767'],
]

test.each(ODD)('a row with %s fails, or is sent, and holds up no other', async (_, set) => {
  const { prisma } = database
  const receiver = await receiverOf()
  const requeuest = createRequeuest(prisma)
  const odd = await requeuest.spawn('a', `${receiver.url}/odd`)
  // As a restore writes it, past all triggers.
  await prisma.$transaction([
    prisma.$executeRaw`SET LOCAL session_replication_role = replica`,
    prisma.$executeRawUnsafe(`UPDATE requeuest_request SET ${set} WHERE id = '${odd}'`),
  ])
  const good = await requeuest.spawnMany('a', Array(5).fill(`${receiver.url}/good`))
  await requeuest.start({ channels: ['a'] })
  for (const id of good) await requeuest.waitFor(id)
  const final = () => prisma.httpRequest.count({ where: { id: odd, state: { in: ['failed', 'delivered'] } } })
  await expect.poll(final, { timeout: 10_000 }).toBe(1)
  expect(await prisma.httpAttempt.count({ where: { requestId: odd } })).toBe(1)
  await requeuest.find(odd)
})
