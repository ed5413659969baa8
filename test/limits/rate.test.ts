import { expect, test } from 'vitest'
import { useDatabase } from '../support/fixture.ts'
import { runAtRate } from './rate-processes.ts'

const database = useDatabase()

/** In short what `npm run test:rate` measures for half a minute, so the start counts for more here. */
test('four worker processes share a rate', { timeout: 60_000 }, async () => {
  const run = { processes: 4, rate: 100, seconds: 3 }
  const times = await runAtRate(database.url, database.prisma, run)
  const expected = run.rate * run.seconds
  expect(times.length).toBeGreaterThan(expected * 0.7)
  expect(times.length).toBeLessThan(expected * 1.1)
})
