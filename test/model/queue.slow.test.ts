import fc from 'fast-check'
import { expect, test } from 'vitest'
import { connect, freshDatabase } from '../support/fixture.ts'
import { controlCommands } from './control-commands.ts'
import { finish } from './finish.ts'
import { queueCommands } from './queue-commands.ts'
import { workerCommands } from './worker-commands.ts'
import { World } from './world.ts'

/** How many histories are tried per seed. */
const RUNS = Number(process.env['REQUEUEST_MODEL_RUNS'] ?? 52)

/**
 * Whatever happens in whatever order, the database is as the model says, and in the end everything is over. Returns what
 * was seen to happen.
 */
async function explore(seed: number): Promise<Set<string>> {
  // None of the statements may wait for long for what somebody else has locked.
  const prisma = connect(await freshDatabase(), { max: 4, options: '-c lock_timeout=5000' })
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.commands([...queueCommands, ...workerCommands, ...controlCommands], { maxCommands: 100, size: '+1' }),
      async (history) => {
        await prisma.$executeRaw`TRUNCATE requeuest_request, requeuest_attempt, requeuest_line`
        const world = new World(prisma, seen)
        try {
          await fc.asyncModelRun(() => ({ model: world, real: world }), history)
          await finish(world)
        } finally {
          while (world.open.length > 0) await world.endTransaction(0, false)
        }
      },
    ),
    { seed, numRuns: RUNS },
  )
  return seen
}

/** What has to be among the histories, or they would prove little. */
const RARE = [
  'cancelled: claimed',
  'cancelled: pending',
  'expired',
  'moved: failed, holds a line',
  'moved: out of all lines',
  'moved: pending',
  'overtaken: 200',
  'overtaken: 500',
  'unblocked a line later',
  'redriven: at the end',
  'redriven: keeps its place',
  'released a held line',
  'released what was unknown',
  'rescued: attempts_exhausted',
  'rescued: due again',
  'rescued: poison',
  'settled with 200: gone',
  ...['settled', 'lost', 'busy'].flatMap((verdict) => [200, 500].map((status) => `settled with ${status}: ${verdict}`)),
]

test('the statements do what the model says (known histories)', async () => {
  const seen = await explore(2029)
  expect(RARE.filter((what) => !seen.has(what))).toEqual([])
}, 600_000)

test('the statements do what the model says (new histories)', async () => {
  await explore(Date.now() & 0x7fffffff)
}, 600_000)
