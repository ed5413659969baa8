import fc from 'fast-check'
import { test } from 'vitest'
import { useDatabase } from '../support/fixture.ts'
import { commands, World } from './commands.ts'
import { finish } from './finish.ts'

const database = useDatabase()

/** How many histories are tried per seed. */
const RUNS = Number(process.env['REQUEUEST_MODEL_RUNS'] ?? 60)

/** Whatever happens in whatever order, the database is as the model says, and in the end everything is over. */
async function explore(seed: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: '+1' }), async (history) => {
      await database.prisma.$executeRaw`TRUNCATE requeuest_request, requeuest_attempt, requeuest_line`
      const world = new World(database.prisma)
      try {
        await fc.asyncModelRun(() => ({ model: world, real: world }), history)
        await finish(world)
      } finally {
        while (world.open.length > 0) await world.endTransaction(0, false)
      }
    }),
    { seed, numRuns: RUNS, endOnFailure: false },
  )
}

test('the statements do what the model says (known histories)', () => explore(2026), 600_000)

test('the statements do what the model says (new histories)', () => explore(Date.now() & 0x7fffffff), 600_000)
