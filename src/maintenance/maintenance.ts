import type { Vault } from '../encryption/vault.ts'
import type { Events } from '../events/events.ts'
import type { Retention } from '../policy/retention.ts'
import { Loop } from '../runtime/loop.ts'
import type { CheckMessage } from '../schedules/firing.ts'
import { Schedules } from '../schedules/scheduler.ts'
import type { PrismaClientLike } from '../store/db.ts'
import type { MaintenanceRow } from '../store/maintenance.ts'
import { Apart } from './apart.ts'
import { expireOnce } from './expirer.ts'
import { forgetOnce } from './forget.ts'
import { Look } from './look.ts'
import { hasLimits, pruneOnce } from './pruner.ts'
import { Reencryption } from './reencrypter.ts'
import { rescueOnce } from './rescuer.ts'
import { unblockLinesOnce } from './unblocker.ts'

/** Between two queries. With the longest wait of a worker it stays below the 5 s that a rescue may take. */
const EVERY_MS = 3000
/** Up to this much is taken off, so that many processes do not run in step. */
const SPREAD_MS = 1000
const TURNS_LEFT_MS = 50
/** What finds nothing more to do waits to be woken. */
const UNTIL_WOKEN_MS = Number.POSITIVE_INFINITY

/**
 * What every worker process does for all of them. There is no leader: each statement locks the rows it takes and skips those
 * that another process has, so any number of processes may run it at once.
 *
 * - One query every 2 to 3 s ({@link Look}) asks what there is to do and wakes the loops concerned. Each kind has its own loop,
 *   so that none holds up another, and repeats until it finds nothing: rescue (expired leases), expire (`expiresAt` has
 *   passed), unblock (lines whose next request could not be unblocked), schedules, reencrypt (rows with an old key).
 * - Two run by their own clocks: forgetting idle origins, and pruning where `retention` is set.
 * - An ordered request that becomes final wakes unblock, a changed schedule wakes schedules, without the query.
 * - Rows that Postgres refuses to change are set {@link Apart}, so that they do not block the others of their batch.
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
    const each = () => new Apart(onError)
    const apart = { rescue: each(), expire: each(), unblock: each(), requests: each(), bodies: each() }
    const repeat = (runOnce: () => Promise<number>) =>
      new Loop(async () => {
        const found = await runOnce()
        if (found > 0) onDue()
        return found > 0 ? 0 : UNTIL_WOKEN_MS
      }, onError)
    const schedules = new Schedules({ db, vault, events, checkMessage })
    const reencryption = new Reencryption(db, vault)
    this.#loops = {
      rescue: repeat(() => rescueOnce(db, events, apart.rescue)),
      expire: repeat(() => expireOnce(db, events, apart.expire)),
      unblock: new Loop(async () => {
        const { tried, left } = await unblockLinesOnce(db, apart.unblock)
        if (tried > 0) onDue()
        return left > 0 ? TURNS_LEFT_MS : UNTIL_WOKEN_MS
      }, onError),
      schedules: new Loop(async () => {
        const { fired, waitMs } = await schedules.runOnce(EVERY_MS)
        if (fired > 0) onDue()
        return Math.ceil(waitMs ?? UNTIL_WOKEN_MS)
      }, onError),
      reencrypt: repeat(() => reencryption.runOnce()),
    }
    const look = new Look(db, EVERY_MS, vault.oldKeys)
    const lookAndWake = async () => {
      const found = await look.once()
      for (const [kind, loop] of Object.entries(this.#loops)) if (found?.[kind as keyof MaintenanceRow]) loop.wake()
      return EVERY_MS - SPREAD_MS * random()
    }
    this.#others = [new Loop(lookAndWake, onError), new Loop(() => forgetOnce(db, random), onError)]
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
