import { serve } from './rpc.ts'

/** Short enough that it hears at once when its parent lets go of it. */
const STRETCH_MS = 10

/** A process that does nothing but compute, for as long as its parent holds it. */
function burn(): void {
  const until = performance.now() + STRETCH_MS
  let sum = 0
  while (performance.now() < until) for (let number = 0; number < 10_000; number++) sum += Math.sqrt(number + sum)
  setImmediate(burn)
}

serve({ start: burn })
