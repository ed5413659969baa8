import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again. False when it did not come true in time. */
export async function until(withinMs: number, everyMs: number, isTrue: () => Promise<boolean>): Promise<boolean> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < withinMs) {
    if (await isTrue()) return true
    await sleep(everyMs)
  }
  return false
}
