import type { Receiver } from '../support/receiver.ts'

/** How many of these times fall into each whole second behind the first one. */
export function perSecond(times: readonly number[], seconds: number): number[] {
  const from = times[0] ?? 0
  const counts = new Array<number>(seconds).fill(0)
  for (const time of times) {
    const second = Math.floor((time - from) / 1000)
    if (second < seconds) counts[second] = (counts[second] ?? 0) + 1
  }
  return counts
}

/** The most that began within any `windowMs`. */
export function mostWithin(times: readonly number[], windowMs: number): number {
  let first = 0
  let most = 0
  for (const [index, time] of times.entries()) {
    while (time - (times[first] ?? 0) >= windowMs) first++
    most = Math.max(most, index - first + 1)
  }
  return most
}

/** Resolves to when its first `count` requests arrived, on the monotonic clock. */
export async function arrivalsOf(receiver: Receiver, count: number): Promise<number[]> {
  const requests = await receiver.waitForRequests(count)
  return requests.slice(0, count).map(({ at }) => at)
}
