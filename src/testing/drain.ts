import { ExpectationError } from '../errors.ts'
import type { Calendar } from './calendar.ts'
import { advance, nextInMs, now } from './clock.ts'
import type { DrainTerms } from './drain-options.ts'
import { failedDuring, throwIfAny } from './failures.ts'
import { checkIsForTests } from './guard.ts'
import { checkIsStopped, type Scope } from './scope.ts'

/** What {@link TestKit.drain} did. */
export interface TestDrainResult {
  /** How many attempts were made. */
  attempts: number
  /** How many requests were delivered. */
  delivered: number
  /** How many requests failed. */
  failed: number
  /** How many attempts are, or were, followed by another one. */
  retrying: number
}

/** Sends what is due, and what becomes due until the time is over, with all that is spawned by that. */
export async function drain(scope: Scope, calendar: Calendar, terms: DrainTerms): Promise<TestDrainResult> {
  const total: TestDrainResult = { attempts: 0, delivered: 0, failed: 0, retrying: 0 }
  const failed = await failedDuring(scope, async () => {
    const leftMs = await sendUntil(scope, calendar, terms, total)
    if (leftMs > 0) await advance(scope, calendar, leftMs)
  })
  if (terms.throws) await throwIfAny(scope, failed)
  return total
}

/**
 * Sends what is due, and lets time pass from one due time to the next, until it is over, nothing more becomes due, or `isDone` says
 * so. Returns how much time is left.
 */
export async function sendUntil(
  scope: Scope,
  calendar: Calendar,
  { untilMs, limit }: DrainTerms,
  total: TestDrainResult,
  isDone = async () => false,
): Promise<number> {
  checkIsStopped(scope)
  await checkIsForTests(scope.context.db, scope.database)
  let leftMs = untilMs
  for (let rounds = 1; rounds <= limit; rounds++) {
    // What becomes due from here on may have been missed.
    const sinceMs = await now(scope)
    await drainDue(scope, limit, total)
    if (await isDone()) return leftMs
    const passMs = await nextInMs(scope, calendar, sinceMs)
    if (passMs === null || passMs > leftMs) return leftMs
    await advance(scope, calendar, passMs)
    leftMs -= passMs
  }
  throw tooMany(limit, total)
}

/** A handler may spawn, so it is only over when there is nothing more to send. */
async function drainDue({ requeuest, channels }: Scope, limit: number, total: TestDrainResult): Promise<void> {
  let attempts: number
  do {
    const done = await requeuest.drain({ channels: channels ?? 'all', maxRequests: limit - total.attempts + 1 })
    attempts = done.attempts
    total.attempts += attempts
    total.delivered += done.delivered
    total.failed += done.failed
    total.retrying += done.retrying
    if (total.attempts > limit) throw tooMany(limit, total)
  } while (attempts > 0)
}

function tooMany(limit: number, { delivered, failed, retrying }: TestDrainResult): ExpectationError {
  return new ExpectationError(
    `After ${limit} attempts or due times there is more: ${delivered} requests delivered, ${failed} failed, ${retrying} retried. Does ` +
      'a handler spawn what it handles, or is something retried or scheduled without end? If it is meant, raise `limit`.',
  )
}
