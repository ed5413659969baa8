import { PrismaPg } from '@prisma/adapter-pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { asAdmin, createDatabase } from '../support/databases.ts'
import { createRequeuest, receiverOf } from '../support/fixture.ts'

const SCHEMAS = ['here', 'there'] as const
const TABLES = ['request', 'attempt', 'line', 'limit', 'semaphore_lease', 'handler', 'schedule']

/** All that is in one schema. */
function contents(url: string, schema: string): Promise<Record<string, unknown[]>> {
  return asAdmin(url, async (client) => {
    const found: Record<string, unknown[]> = {}
    for (const table of TABLES) {
      const { rows } = await client.query(
        `SELECT to_json(t) AS row FROM ${schema}.requeuest_${table} t ORDER BY t::text`,
      )
      found[table] = rows.map(({ row }) => row)
    }
    return found
  })
}

test('two schemas hold the same ids, lines and keys, and what is done in one changes nothing in the other', async () => {
  const url = await createDatabase(inject('serverUrl'), `sides_${process.pid}`)
  const receiver = await receiverOf(({ url: path }, index) => ({
    status: path === '/bad' || index % 8 === 0 ? 500 : 200,
  }))
  // Each session looks in the other's schema first.
  const [here, there] = SCHEMAS.map((schema, index) => {
    const options = `-c search_path=${SCHEMAS[1 - index]}`
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, options }, { schema }) })
    onTestFinished(() => prisma.$disconnect())
    return { prisma, requeuest: createRequeuest(prisma, { retry: { backoff: { base: 1, jitter: 'none' } } }) }
  }) as [Side, Side]
  type Side = { prisma: PrismaClient; requeuest: ReturnType<typeof createRequeuest> }

  const ids = Array.from({ length: 30 }, (_, index) => `00000000-0000-7000-8000-0000000000${10 + index}`)
  for (const { prisma, requeuest } of [here, there]) {
    await requeuest.migrate()
    const spawned = ids.map((id, index) => ({
      request: { method: 'POST', url: `${receiver.url}/${index === 7 ? 'bad' : ''}`, body: id },
      options: {
        id,
        ...(index % 2 === 0 && { order: { key: `line-${index % 3}` } }),
        ...(index % 5 === 0 && { dedupe: { key: `key-${index}` } }),
        ...(index === 7 && { retry: { maxAttempts: 2 } }),
        ...(index > 24 && { delay: 3_600_000 }),
      },
    }))
    await requeuest.spawnMany('a', spawned)
    await requeuest.schedule('yearly', { cron: '0 0 1 1 *', channel: 'a', request: receiver.url })
    await requeuest.setLimits({ channel: 'a' }, { concurrency: 5 })
    await requeuest.pause({ channel: 'b' })
    expect(await prisma.httpRequest.count()).toBe(ids.length)
  }
  const untouched = await contents(url, 'there')

  const { prisma, requeuest } = here
  await requeuest.start({ channels: ['a'] })
  for (const id of ids.slice(0, 25)) await requeuest.waitFor(id).catch(() => {})
  await requeuest.redrive({ state: 'failed' })
  await prisma.$transaction((tx) =>
    requeuest.spawn('a', receiver.url, { tx, dedupe: { key: 'key-25', onDuplicate: 'replace' } }),
  )
  await requeuest.retarget(ids[26]!, { url: `${receiver.url}/other` })
  await requeuest.reschedule(ids[27]!, new Date())
  await requeuest.cancel(ids[28]!)
  await prisma.httpRequest.update({ where: { id: ids[29]! }, data: { orderKey: 'line-0' } })
  await requeuest.clear({ channel: 'a' })
  await requeuest.resume({ channel: 'b' })
  await requeuest.setLimits({ channel: 'a' }, { concurrency: null })
  await requeuest.unschedule('yearly')
  await requeuest.stop()
  await prisma.httpRequest.deleteMany({ where: { id: { in: ids.slice(0, 5) } } })
  expect(await contents(url, 'there')).toEqual(untouched)

  await there.requeuest.start({ channels: ['a'] })
  for (const id of ids.slice(0, 25)) await there.requeuest.waitFor(id).catch(() => {})
  await there.requeuest.stop()
  const found = await there.prisma.httpRequest.findMany({
    where: { id: { in: ids.slice(0, 25) } },
    orderBy: { id: 'asc' },
  })
  expect(found.map(({ state }) => state)).toEqual(
    ids.slice(0, 25).map((_, index) => (index === 7 ? 'failed' : 'delivered')),
  )
  expect(await there.prisma.httpAttempt.count({ where: { outcome: 'accepted' } })).toBe(24)
}, 60_000)
