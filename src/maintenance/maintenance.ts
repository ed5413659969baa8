import type { Retention } from '../core/retention.ts'
import type { Vault } from '../encryption/vault.ts'
import type { Events } from '../runtime/events.ts'
import { Loop } from '../runtime/loop.ts'
import type { PrismaClientLike } from '../store/db.ts'
import { expireOnce } from './expire.ts'
import { hasLimits, pruneOnce } from './prune.ts'
import { Reencryption } from './reencrypt.ts'
import { rescueOnce } from './rescue.ts'
import { Schedules } from './schedules.ts'
import { passTurnsOnce } from './turns.ts'

/** Between two runs. With the longest idle wait of a worker it stays below the 5 s that a rescue may take. */
const EVERY_MS = 3000
/** Up to this much is taken off, so that many processes do not run in step. */
const SPREAD_MS = 1000
const TURNS_LEFT_MS = 50

/** The upkeep that every worker process does for all of them. */
export class Maintenance {
  readonly #turns: Loop
  readonly #schedules: Loop
  readonly #loops: Loop[]

  constructor(
    db: PrismaClientLike,
    vault: Vault,
    retention: Retention,
    events: Events,
    random: () => number,
    onError: (error: unknown, failures: number) => number,
    onDue: () => void,
  ) {
    const repeat = (runOnce: () => Promise<number>) =>
      new Loop(async () => {
        const found = await runOnce()
        if (found > 0) onDue()
        return found > 0 ? 0 : EVERY_MS - SPREAD_MS * random()
      }, onError)
    this.#turns = new Loop(async () => {
      const { tried, left } = await passTurnsOnce(db)
      if (tried > 0) onDue()
      return left > 0 ? TURNS_LEFT_MS : EVERY_MS - SPREAD_MS * random()
    }, onError)
    const schedules = new Schedules(db, vault, events)
    this.#schedules = new Loop(async () => {
      const { fired, waitMs } = await schedules.runOnce(EVERY_MS)
      if (fired > 0) onDue()
      return Math.min(Math.ceil(waitMs ?? EVERY_MS), EVERY_MS - SPREAD_MS * random())
    }, onError)
    this.#loops = [
      repeat(() => rescueOnce(db, events)),
      repeat(() => expireOnce(db, events)),
      this.#turns,
      this.#schedules,
    ]
    const reencryption = new Reencryption(db, vault)
    if (vault.oldKeys.length > 0) this.#loops.push(repeat(() => reencryption.runOnce()))
    if (hasLimits(retention)) this.#loops.push(new Loop(() => pruneOnce(db, retention, random), onError))
  }

  /** A request of a line became final: see whether its turn was passed. */
  checkTurns(): void {
    this.#turns.wake()
  }

  /** A schedule was changed in this process. */
  checkSchedules(): void {
    this.#schedules.wake()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }
}
