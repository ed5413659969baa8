import { ExpectationError } from '../errors.ts'
import type { RequestState } from '../policy/request.ts'
import type { FoundAttempt, FoundRequest } from '../results/find.ts'
import { inTransaction } from '../store/db.ts'
import { bringBackOthers, postponeOthers } from '../store/time-travel.ts'
import type { Calendar } from './calendar.ts'
import { sendUntil } from './drain.ts'
import type { DrainTerms } from './drain-options.ts'
import { throwIfAny } from './failures.ts'
import { checkIsForTests } from './guard.ts'
import { checkIsStopped, type Scope } from './scope.ts'

/** Makes the next attempt of one request now, and of no other. */
export async function attempt(scope: Scope, id: string): Promise<FoundAttempt> {
  const { requeuest, context, database } = scope
  const { db } = context
  checkIsStopped(scope)
  await checkIsForTests(db, database)
  const { channel, state, attemptCount } = await read(scope, id)
  if (state !== 'pending') throw new ExpectationError(`Request ${id} has no next attempt: it is ${state}.`)
  await inTransaction(db, [postponeOthers(db, channel, id)])
  try {
    await requeuest.reschedule(id, new Date(0))
    await requeuest.drain({ channels: [channel], maxRequests: 1, maintenance: false })
  } finally {
    await inTransaction(db, [bringBackOthers(db, channel, id)])
  }
  const after = await read(scope, id)
  const made = after.attempts.at(-1)
  if (made && made.number > attemptCount) return made
  throw new ExpectationError(`Request ${id} was not sent: ${whyNot(after)}.`)
}

/** Lets time pass, and sends what is due in the request's channel, until it is final. */
export async function settled(scope: Scope, calendar: Calendar, id: string, terms: DrainTerms): Promise<FoundRequest> {
  const { channel } = await read(scope, id)
  const total = { attempts: 0, delivered: 0, failed: 0, retrying: 0 }
  const isDone = async () => isFinal((await read(scope, id)).state)
  await sendUntil({ ...scope, channels: [channel] }, calendar, terms, total, isDone)
  const request = await read(scope, id)
  if (!isFinal(request.state)) throw new ExpectationError(`Request ${id} does not become final: ${whyNot(request)}.`)
  if (terms.throws && request.state === 'failed') await throwIfAny(scope, [id])
  return request
}

async function read({ requeuest }: Scope, id: string): Promise<FoundRequest> {
  const request = await requeuest.find(id, { reveal: true })
  if (request) return request
  throw new ExpectationError(
    `There is no request ${id}. If it was spawned in a transaction, that has to be committed first.`,
  )
}

function isFinal(state: RequestState): boolean {
  return state !== 'pending' && state !== 'claimed'
}

function whyNot({ state, blocked }: FoundRequest): string {
  if (state === 'claimed') return 'a worker has claimed it'
  if (blocked) return 'it waits behind another one in its line, or its line is held'
  return 'is its channel or its origin paused, or does this process lack its renderer or its encryption key?'
}
