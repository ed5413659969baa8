import { expect, onTestFinished, test } from 'vitest'
import { connect, freshDatabase } from '../support/fixture.ts'
import { describeFaults, type Fault, hits, runWith, waysOf } from './faults.ts'
import { findViolations, type Story } from './invariants.ts'
import { startPostgresProxy } from './postgres-proxy.ts'
import { playChanges, playLimits, playScenario, type Stage } from './scenario.ts'
import { startScriptedReceiver } from './scripted-receiver.ts'
import { wrapClient } from './wrapped-client.ts'

/** Scenarios wait most of their time, so several run at once, each with a database and a receiver of its own. */
const LANES = 3
const MOST_TRIES = 3

/** How often each call was made, by name. */
type Counts = ReadonlyMap<string, number>

interface Played {
  counts: Counts
  /** The faults that found their call. */
  befallen: Fault[]
  violations: string[]
}

type Lane = (faults: readonly Fault[]) => Promise<Played>

async function openLane(play: (stage: Stage) => Promise<Story>): Promise<Lane> {
  const url = await freshDatabase()
  const prisma = connect(url, { max: 6 })
  const proxy = await startPostgresProxy(url)
  onTestFinished(proxy.stop)
  const breakable = connect(proxy.url, { max: 5 })

  return async (faults) => {
    await prisma.$executeRaw`TRUNCATE requeuest_request, requeuest_attempt, requeuest_line, requeuest_schedule,
      requeuest_limit, requeuest_semaphore_lease, requeuest_worker, requeuest_activity`
    const receiver = await startScriptedReceiver()
    const counts = new Map<string, number>()
    const befallen: Fault[] = []
    let onFirstClaim = () => {}
    const real = faults.some(({ way }) => way === 'cut') ? breakable : prisma
    const faulty = wrapClient(real, async (call) => {
      counts.set(call.name, call.nth)
      befallen.push(...faults.filter((fault) => hits(fault, call)))
      try {
        return await runWith(faults, call)
      } finally {
        if (call.name === 'claimRequests' && call.nth === 1) onFirstClaim()
      }
    })
    const listen = (listener: () => void) => {
      onFirstClaim = listener
    }
    const violations = await play({ faulty, prisma, receiver, onFirstClaim: listen })
      .then((story) => findViolations(prisma, story))
      .catch(async (error: unknown) => [
        `the scenario came to nothing: ${error}`,
        ...(await findViolations(prisma, { acknowledged: [], arrivals: receiver.arrivals })),
      ])
    await receiver.stop()
    return { counts, befallen, violations }
  }
}

/** Every call of these names in each way, behind the given faults. */
function everyCall(counts: Counts, wanted: (name: string) => boolean, before: readonly Fault[] = []): Fault[][] {
  return [...counts]
    .filter(([name]) => wanted(name))
    .flatMap(([name, count]) => Array.from({ length: count }, (_, index) => ({ name, nth: index + 1 })))
    .flatMap((call) => waysOf(call.name).map((way) => [...before, { ...call, way }]))
}

/** Every call that changes what is spawned already. */
const CHANGES = [
  'cancelRequests',
  'findMissing',
  'inOpenTransaction',
  'insertRequest',
  'lockHolders',
  'notifyChannels',
  'redriveRequests',
  'releaseKeys',
  'replaceUntried',
  'rescheduleRequest',
  'retargetRequest',
  'selectContent',
  'selectHolders',
  'selectMatching',
]

/** Every call that keeps to what is paused or limited, and to what receivers can take. */
const LIMITS = [
  'closeBreaker',
  'countClaimed',
  'listDueChannels',
  'lockSemaphores',
  'openBreaker',
  'pauseScope',
  'postponeOrigin',
  'resumeScope',
  'returnSemaphoreLeases',
  'scanOrigins',
  'takePermits',
  'takeProbes',
  'upsertLimits',
]

/** Every other call that the library makes, but those of `migrate()`, of renderers and of a claim that could not be started in time. */
const EVERY_CALL = [
  'addActivity',
  'cancelPending',
  'claimRequests',
  'countDueUnblocks',
  'deleteBodies',
  'deleteOldActivity',
  'deleteOldOrigins',
  'deleteRequests',
  'deleteSchedule',
  'deleteWorker',
  'describeSession',
  'failExpiredRequests',
  'findDueSchedules',
  'findDueUnblocks',
  'findExpiredClaims',
  'findExpiredRequests',
  'findFinal',
  'findMaintenance',
  'findOldBodies',
  'findOldRequests',
  'fireSchedule',
  'inOpenTransaction',
  'insertRequest',
  'insertRequests',
  'listActivityNames',
  'listPendingChannels',
  'listSchedules',
  'makeScheduleDue',
  'markScheduleProblem',
  'notifyChannels',
  'pauseSchedule',
  'releaseClaims',
  'releaseLine',
  'releaseUnknownClaims',
  'renewWorker',
  'rescueExpiredClaims',
  'resumeSchedule',
  'selectRequest',
  'selectSettings',
  'selectTerms',
  'selectTime',
  'settleAccepted',
  'settleClaims',
  'takeTurn',
  'unblockLine',
  'unblockLines',
  'upsertSchedule',
]

/** Made where a claim was slow, which is up to the machine. */
const isByChance = (call: string) => call.startsWith('findLowWatermarks')

test.each([
  ['in a life of it', playScenario, EVERY_CALL, []],
  ['while requests are changed', playChanges, CHANGES, []],
  // The others are struck in a life of it.
  ['under limits', playLimits, LIMITS, EVERY_CALL],
])(
  'whichever call to the database fails, before or after it has run, nothing is lost, doubled or untrue: %s',
  async (_, play, calls, others: readonly string[]) => {
    const isStruck = (name: string) => !others.includes(name)
    const lanes = await Promise.all(Array.from({ length: LANES }, () => openLane(play)))
    const clean = await lanes[0]!([])
    expect(clean.violations).toEqual([])

    const plans = everyCall(clean.counts, isStruck)
    const names = new Set(clean.counts.keys())
    const befallen = new Set<string>()
    const missed = new Map<Fault[], number>()
    const wrong: string[] = []

    async function work(lane: Lane) {
      for (let plan = plans.shift(); plan !== undefined; plan = plans.shift()) {
        const result = await lane(plan)
        // Which calls are made is up to the machine as well: a fault that did not find its own is retried.
        const tries = (missed.get(plan) ?? 0) + 1
        if (result.befallen.length < plan.length && tries < MOST_TRIES) {
          missed.set(plan, tries)
          plans.push(plan)
        }
        wrong.push(...result.violations.map((violation) => `${describeFaults(plan)}: ${violation}`))
        for (const { name, way } of result.befallen) befallen.add(`${name} ${way}`)
        // A call that is only made after a fault may fail as well.
        plans.push(...everyCall(result.counts, (name) => !names.has(name) && isStruck(name), plan))
        for (const name of result.counts.keys()) names.add(name)
      }
    }
    await Promise.all(lanes.map(work))
    expect(wrong).toEqual([])
    expect([...names].filter((name) => isStruck(name) && !isByChance(name)).sort()).toEqual(calls)
    expect([...befallen].filter((name) => !isByChance(name)).sort()).toEqual(
      calls.flatMap((name) => waysOf(name).map((way) => `${name} ${way}`)).sort(),
    )
  },
  400_000,
)
