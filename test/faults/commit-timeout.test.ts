import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** Makes every COMMIT of a spawn to that path take its time. */
async function slowCommits(): Promise<void> {
  await database.prisma.$executeRaw`
    CREATE OR REPLACE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$`
  await database.prisma.$executeRaw`
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON requeuest_request DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.channel = 'slow') EXECUTE FUNCTION slow_commit()`
}

// Prisma once ended the process when its own time limit struck while COMMIT was under way (prisma#29952).
test('a transaction that times out inside COMMIT: the process lives, and what is there is sent once', async () => {
  await slowCommits()
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const ids: string[] = []
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () =>
      database.prisma.$transaction(
        async (tx) => {
          ids.push(await requeuest.spawn('slow', receiver.url, { tx }))
        },
        { timeout: 300 },
      ),
    ),
  )
  await requeuest.start({ channels: ['slow'] })
  await requeuest.spawnReturning('slow', receiver.url)
  const rows = await database.prisma.httpRequest.findMany({ where: { id: { in: ids } } })
  await Promise.all(rows.map((row) => requeuest.waitFor(row.id)))
  // Whatever the caller was told, a transaction that was told to be good is there.
  const committed = outcomes.filter((outcome) => outcome.status === 'fulfilled').length
  expect(rows.length).toBeGreaterThanOrEqual(committed)
  const sent = receiver.requests.map((request) => request.headers['idempotency-key'])
  expect(new Set(sent).size).toBe(sent.length)
  expect(sent.length).toBe(rows.length + 1)
})
