/**
 * Many receivers, and what each does with what it gets. The ids go to them in turns. While the first ids arrive, all
 * of them are well and accept everything; then one in fifty dies, and the others refuse one in fifty for once.
 */
export interface Crowd {
  receivers: number
  /** How many ids there are, from 0. */
  ids: number
  /** How many of them, the first ones, arrive while all receivers are well. */
  warmup: number
}

const DEAD_EVERY = 50
const REFUSED_EVERY = 50
const LEAST_DELAY_MS = 5
const MOST_DELAY_MS = 200
/** Has no factor in common with the number of delays, so that one id after another gets them all. */
const STRIDE = 73

/** How a receiver dies. The silent one takes connections and requests, and never answers; where the gone one was nobody listens. */
export function deathOf(receiver: number): 'silent' | 'gone' | null {
  if (receiver % DEAD_EVERY !== DEAD_EVERY - 1) return null
  return Math.floor(receiver / DEAD_EVERY) % 2 === 0 ? 'silent' : 'gone'
}

export function receiverOf({ receivers }: Crowd, id: number): number {
  return id % receivers
}

/** How often a receiver shall have answered an id when all is done. */
export function answersDue(crowd: Crowd, id: number): 0 | 1 | 2 {
  const receiver = receiverOf(crowd, id)
  if (id < crowd.warmup) return 1
  if (deathOf(receiver) !== null) return 0
  // Each receiver refuses, but not all of them at the same time.
  return (Math.floor(id / crowd.receivers) + receiver) % REFUSED_EVERY === 0 ? 2 : 1
}

/** Ids whose answers will never come. */
export function countDead(crowd: Crowd): number {
  let dead = 0
  for (let id = 0; id < crowd.ids; id++) if (answersDue(crowd, id) === 0) dead++
  return dead
}

/** Answers in all. */
export function countAnswers(crowd: Crowd): number {
  let answers = 0
  for (let id = 0; id < crowd.ids; id++) answers += answersDue(crowd, id)
  return answers
}

/** Milliseconds until an id is answered. */
export function delayOf(id: number): number {
  return LEAST_DELAY_MS + ((id * STRIDE) % (MOST_DELAY_MS - LEAST_DELAY_MS + 1))
}
