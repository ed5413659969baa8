/** Runs no more than `limit` calls at once; the others wait for their turn. */
export function limited<A>(work: (argument: A) => Promise<void>, limit: number): (argument: A) => Promise<void> {
  const waiting: (() => void)[] = []
  let free = limit
  return async (argument) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      await work(argument)
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
