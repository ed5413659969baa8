import { between, randomOf } from '../lab/random.ts'

/** What the receiver does with one arrival. */
interface Plan {
  answer: number | 'reset' | 'none'
  afterMs: number
}

export const TIMEOUT_MS = 2000
/** How many a worker sends to the receiver at once: half of all that it may, for that is one origin's share. */
export const REQUESTS_AT_ONCE = 10
/** From this attempt on a request is always accepted, so that every run ends. */
const PATIENCE = 6

/** A request to a path that begins like this gets no answer when it comes for the first time. */
export const SILENT_AT_FIRST = '/silent-at-first/'

/** One to a path like this is refused at first, and accepted later, each after a while. */
export const REFUSED_AT_FIRST = '/refused-at-first/'

/**
 * @param name - the request's path, which is the same in every run of a seed; its id is not
 * @param nth - how often it has arrived before
 */
export function planFor(seed: number, name: string, nth: number): Plan {
  if (name.startsWith(SILENT_AT_FIRST)) return { answer: nth === 0 ? 'none' : 200, afterMs: 0 }
  if (name.startsWith(REFUSED_AT_FIRST))
    return nth === 0 ? { answer: 503, afterMs: 2000 } : { answer: 200, afterMs: 4000 }
  const random = randomOf(seed, 'receiver', name, nth)
  const dice = random()
  // Slow to those who come again: a lost worker and its successor shall meet.
  const afterMs = nth > 0 ? between(random, 100, 900) : random() < 0.5 ? 0 : between(random, 1, 60)
  if (nth >= PATIENCE || dice < 0.8) return { answer: 200, afterMs }
  if (dice < 0.88) return { answer: 503, afterMs }
  if (dice < 0.92) return { answer: 'reset', afterMs }
  if (dice < 0.96) return { answer: 200, afterMs: between(random, 200, 800) }
  return { answer: 'none', afterMs: 0 }
}
