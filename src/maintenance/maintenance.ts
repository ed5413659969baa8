import type { Vault } from '../encryption/vault.ts'
import type { Events } from '../events/events.ts'
import type { Retention } from '../policy/retention.ts'
import { Loop } from '../runtime/loop.ts'
import type { CheckMessage } from '../schedules/firing.ts'
import { Schedules } from '../schedules/scheduler.ts'
import type { PrismaClientLike } from '../store/db.ts'
import type { UpkeepRow } from '../store/upkeep.ts'
import { Apart } from './apart.ts'
import { expireOnce } from './expirer.ts'
import { forgetOnce } from './forget.ts'
import { Look } from './look.ts'
import { hasLimits, pruneOnce } from './pruner.ts'
import { Reencryption } from './reencrypter.ts'
import { rescueOnce } from './rescuer.ts'
import { passTurnsOnce } from './unblocker.ts'

/** Between two looks. With the longest rest of a worker it stays below the 5 s that a rescue may take. */
const EVERY_MS = 3000
/** Up to this much is taken off, so that many processes do not run in step. */
const SPREAD_MS = 1000
const TURNS_LEFT_MS = 50
/** What finds nothing more to do waits to be woken. */
const UNTIL_WOKEN_MS = Number.POSITIVE_INFINITY

/**
 * The upkeep that every worker process does for all of them: each kind in a loop of its own, so that none holds up another,
 * and one look for all of them that wakes those for which there is something to do.
 */
export class Maintenance {
  readonly #loops: Record<keyof UpkeepRow, Loop>
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
    const apart = { rescue: each(), expire: each(), turns: each(), requests: each(), bodies: each() }
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
      turns: new Loop(async () => {
        const { tried, left } = await passTurnsOnce(db, apart.turns)
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
      for (const [kind, loop] of Object.entries(this.#loops)) if (found?.[kind as keyof UpkeepRow]) loop.wake()
      return EVERY_MS - SPREAD_MS * random()
    }
    this.#others = [new Loop(lookAndWake, onError), new Loop(() => forgetOnce(db, random), onError)]
    if (hasLimits(retention)) this.#others.push(new Loop(() => pruneOnce(db, retention, random, apart), onError))
  }

  /** A request of a line became final: see whether its turn was passed. */
  checkTurns(): void {
    this.#loops.turns.wake()
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
