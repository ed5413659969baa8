import type { Vault } from '../encryption/vault.ts'
import type { Events } from '../events/events.ts'
import type { Retention } from '../policy/retention.ts'
import { Loop } from '../runtime/loop.ts'
import type { CheckMessage } from '../schedules/firing.ts'
import type { PrismaClientLike } from '../store/db.ts'
import type { MaintenanceRow } from '../store/maintenance.ts'
import { Apart } from './apart.ts'
import { type Chore, createChores } from './chores.ts'
import { forgetOnce } from './forget.ts'
import { Look } from './look.ts'
import { hasLimits, pruneOnce } from './pruner.ts'

/** Between two queries. With the longest wait of a worker it stays below the 5 s that a rescue may take. */
const EVERY_MS = 3000
/** Up to this much is taken off, so that many processes do not run in step. */
const SPREAD_MS = 1000

/**
 * What every worker process does for all of them. There is no leader: each statement locks the rows it takes and skips those
 * that another process has, so any number of processes may run it at once.
 *
 * - One query every 2 to 3 s ({@link Look}) asks what there is to do and wakes the loops concerned. Each chore has its own loop,
 *   so that none holds up another, and repeats until it finds nothing.
 * - Two run by their own clocks: forgetting idle origins, and pruning where `retention` is set.
 * - An ordered request that becomes final wakes unblock, a changed schedule wakes schedules, without the query.
 */
export class Maintenance {
  readonly #loops: Record<keyof MaintenanceRow, Loop>
  readonly #others: Loop[]

  constructor(
    db: PrismaClientLike,
    vault: Vault,
    retention: Retention,
    checkMessage: CheckMessage,
    events: Events,
    random: () => number,
    onError: (error: unknown, failures: number) => number,
    onDue: () => void,
  ) {
    const chores = createChores({ db, vault, events, checkMessage, withinMs: EVERY_MS, onError })
    const repeat = (chore: Chore) =>
      new Loop(async () => {
        const { found, waitMs } = await chore()
        if (found > 0) onDue()
        return waitMs
      }, onError)
    this.#loops = {
      rescue: repeat(chores.rescue),
      expire: repeat(chores.expire),
      unblock: repeat(chores.unblock),
      schedules: repeat(chores.schedules),
      reencrypt: repeat(chores.reencrypt),
    }
    const look = new Look(db, EVERY_MS, vault.oldKeys)
    const lookAndWake = async () => {
      const found = await look.once()
      for (const [kind, loop] of Object.entries(this.#loops)) if (found?.[kind as keyof MaintenanceRow]) loop.wake()
      return EVERY_MS - SPREAD_MS * random()
    }
    this.#others = [new Loop(lookAndWake, onError), new Loop(() => forgetOnce(db, random), onError)]
    const apart = { requests: new Apart(onError), bodies: new Apart(onError) }
    if (hasLimits(retention)) this.#others.push(new Loop(() => pruneOnce(db, retention, random, apart), onError))
  }

  /** A request of a line became final: see whether the next one is unblocked. */
  checkTurns(): void {
    this.#loops.unblock.wake()
  }

  /** A schedule was changed in this process. */
  checkSchedules(): void {
    this.#loops.schedules.wake()
  }

  async stop(): Promise<void> {
    const loops = [...this.#others, ...Object.values(this.#loops)]
    await Promise.all(loops.map((loop) => loop.stop()))
  }
}
