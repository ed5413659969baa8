import type { Vault } from '../encryption/vault.ts'
import type { Events } from '../events/events.ts'
import type { CheckMessage } from '../schedules/firing.ts'
import { Schedules } from '../schedules/scheduler.ts'
import type { PrismaClientLike } from '../store/db.ts'
import type { MaintenanceRow } from '../store/maintenance.ts'
import { Apart } from './apart.ts'
import { expireOnce } from './expirer.ts'
import { Reencryption } from './reencrypter.ts'
import { rescueOnce } from './rescuer.ts'
import { unblockLinesOnce } from './unblocker.ts'

const UNBLOCKS_LEFT_MS = 50
/** What finds nothing more to do waits to be woken. */
const UNTIL_WOKEN_MS = Number.POSITIVE_INFINITY

/** Does some of what there is to do. Says how much was found, and how long to wait until the next time. */
export type Chore = () => Promise<{ found: number; waitMs: number }>

export interface ChoreParts {
  db: PrismaClientLike
  vault: Vault
  events: Events
  checkMessage: CheckMessage
  /** Schedules that are due within this are waited for. */
  withinMs: number
  onError: (error: unknown, failures: number) => number
}

/**
 * What there is to do for all, by kind: rescue (expired leases), expire (`expiresAt` has passed), unblock (lines whose next request
 * could not be unblocked), schedules, reencrypt (rows with an old key). Rows that Postgres refuses to change are set
 * {@link Apart}, so that they do not block the others of their batch.
 */
export function createChores(parts: ChoreParts): Record<keyof MaintenanceRow, Chore> {
  const { db, vault, events, checkMessage, withinMs, onError } = parts
  const apart = { rescue: new Apart(onError), expire: new Apart(onError), unblock: new Apart(onError) }
  const schedules = new Schedules({ db, vault, events, checkMessage })
  const reencryption = new Reencryption(db, vault)
  return {
    rescue: untilNone(() => rescueOnce(db, events, apart.rescue)),
    expire: untilNone(() => expireOnce(db, events, apart.expire)),
    unblock: async () => {
      const { tried, left } = await unblockLinesOnce(db, apart.unblock)
      return { found: tried, waitMs: left > 0 ? UNBLOCKS_LEFT_MS : UNTIL_WOKEN_MS }
    },
    schedules: async () => {
      const { fired, waitMs } = await schedules.runOnce(withinMs)
      return { found: fired, waitMs: Math.ceil(waitMs ?? UNTIL_WOKEN_MS) }
    },
    reencrypt: untilNone(() => reencryption.runOnce()),
  }
}

function untilNone(runOnce: () => Promise<number>): Chore {
  return async () => {
    const found = await runOnce()
    return { found, waitMs: found > 0 ? 0 : UNTIL_WOKEN_MS }
  }
}
