import type { Arrival, AttemptFact, History, Move, RequestFact, SpawnNote } from './history.ts'

/** All that is known of one request, in the order in which it happened. */
export interface Life {
  id: string
  /** How its spawn ended, as far as the spawner knows. Absent: no spawner speaks of it. */
  fate?: SpawnNote['what']
  /** Whether its spawner was left without an answer at some time. */
  wasUnknown: boolean
  request?: RequestFact
  attempts: AttemptFact[]
  arrivals: Arrival[]
  moves: Move[]
}

/** Joins the logs by request, in one pass over each. */
export function livesOf(history: History): Life[] {
  const lives = new Map<string, Life>()
  const lifeOf = (id: string) => {
    const known = lives.get(id)
    if (known) return known
    const life: Life = { id, wasUnknown: false, attempts: [], arrivals: [], moves: [] }
    lives.set(id, life)
    return life
  }
  for (const note of history.notes) {
    if (note.what === 'cleared') continue
    for (const id of note.ids) {
      const life = lifeOf(id)
      life.fate = note.what
      life.wasUnknown ||= note.what === 'unknown'
    }
  }
  for (const request of history.requests) lifeOf(request.id).request = request
  for (const attempt of history.attempts) lifeOf(attempt.id).attempts.push(attempt)
  for (const arrival of history.arrivals) lifeOf(arrival.id).arrivals.push(arrival)
  for (const move of history.moves) lifeOf(move.id).moves.push(move)
  for (const life of lives.values()) {
    life.attempts.sort((a, b) => a.number - b.number)
    life.arrivals.sort((a, b) => a.token - b.token)
    life.moves.sort((a, b) => a.seq - b.seq)
  }
  return [...lives.values()]
}

/** The arrival that an attempt was the answer to: the answer's body names it. */
export function arrivalOf(attempt: AttemptFact, life: Life): Arrival | undefined {
  if (attempt.body === null) return undefined
  return life.arrivals.find((arrival) => String(arrival.token) === attempt.body)
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}
