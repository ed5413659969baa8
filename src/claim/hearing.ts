import { isRequeuestError, reasonOf } from '../errors.ts'
import type { Events } from '../events/events.ts'
import type { Listen } from '../options/start.ts'
import type { Database } from '../store/database.ts'
import { clientLikeThoseOf } from '../store/listen-client.ts'
import { Listener } from './listener.ts'

interface HearingParts {
  db: Database
  events: Events
  onError: (error: unknown, failures: number) => number
}

/** Starts a listener according to `listen`. */
export function hear(
  listen: Listen,
  { db, events, onError }: HearingParts,
  onSpawned: (channel: string | undefined) => void,
): Listener | undefined {
  if (listen === false) return undefined
  if (listen !== 'auto') return new Listener(db, listen, onSpawned, onError)
  return new Listener(db, () => clientLikeThoseOf(db.client), afterTheFirst(onSpawned), warningOnce(events))
}

/** A worker that has just started polls often in any case, so it does not miss anything for long. */
function afterTheFirst<T>(tell: (heard: T) => void): (heard: T) => void {
  let isFirst = true
  return (heard) => {
    if (!isFirst) tell(heard)
    isFirst = false
  }
}

const LONGEST_PAUSE_MS = 60_000

/**
 * Nobody has asked for this connection, and the worker polls without it. So a failure is a warning instead of an error, emitted
 * once, and not for a failure that may soon be over.
 */
function warningOnce(events: Events): (error: unknown, failures: number) => number {
  let isTold = false
  return (error, failures) => {
    const isForGood = isRequeuestError(error) && error.code === 'not_listening'
    if (!isTold && (isForGood || failures > 1)) {
      isTold = true
      const why = isRequeuestError(error) ? error.message : reasonOf(error)
      const message =
        `This worker gets no notifications of requests that other processes spawn, and finds them by polling: ${why} ` +
        'Set `listen: false` if that is intended, or `listen: () => new pg.Client(…)` for a connection that gets them.'
      events.emit('warning', { message })
    }
    return isForGood ? LONGEST_PAUSE_MS : Math.min(1000 * 2 ** (failures - 1), LONGEST_PAUSE_MS)
  }
}
