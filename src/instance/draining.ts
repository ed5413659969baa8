import type { DrainOptions, DrainResult } from '../options/drain.ts'
import { resolveDrainOptions } from '../options/drain.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { withDatabaseErrors } from '../store/db.ts'
import { registerHandlers } from '../store/handlers.ts'
import { selectSettings } from '../store/settings.ts'
import type { Context } from './context.ts'
import type { Drain } from './drain.ts'
import { Lifecycle } from './lifecycle.ts'

/** What a drain did that was stopped before it began. */
const NOTHING = { attempts: 0, delivered: 0, failed: 0, retrying: 0, stopped: 'signal' } as const

/** Sends what is due. See {@link Requeuest.drain}. */
export async function drain(context: Context, options: DrainOptions): Promise<DrainResult> {
  const terms = resolveDrainOptions(options)
  const fromMs = monotonicMs()
  const { db, drains } = context
  const handlers = new Map(context.handlers)
  const life = new Lifecycle<Drain>()
  let begun: Drain | undefined
  drains.add(life)
  try {
    await life.start(async () => {
      const [{ Drain }] = await Promise.all([import('./drain.ts'), context.checkSession()])
      if (handlers.size > 0) await withDatabaseErrors(() => registerHandlers(db, [...handlers.keys()]))
      return () => {
        begun = new Drain(context, handlers, terms, fromMs)
        return begun
      }
    })
    const result = (await begun?.result) ?? NOTHING
    return { ...result, nextDueInMs: await nextDueInMs(context, terms.channels) }
  } finally {
    drains.delete(life)
  }
}

async function nextDueInMs({ db }: Context, channels: readonly string[] | 'all'): Promise<number | null> {
  const [row] = await withDatabaseErrors(() => selectSettings(db, channels === 'all' ? null : channels, '', true, []))
  const dueInMs = row?.dueInMs ?? null
  return dueInMs === null ? null : Math.max(0, Math.ceil(dueInMs))
}
