/** What is to be done when a signal is aborted. */
interface Waiting {
  acts: Set<() => void>
  run: () => void
}

/** A signal gets one listener in all: Node takes eleven for a leak, and says so. */
const waiting = new WeakMap<AbortSignal, Waiting>()

/** Calls `act` when the signal is aborted. Returns what takes that back. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const { acts, run } = waiting.get(signal) ?? listenTo(signal)
  acts.add(act)
  return () => {
    acts.delete(act)
    if (acts.size > 0) return
    waiting.delete(signal)
    signal.removeEventListener('abort', run)
  }
}

function listenTo(signal: AbortSignal): Waiting {
  const acts = new Set<() => void>()
  const run = () => {
    for (const act of acts) act()
  }
  signal.addEventListener('abort', run)
  waiting.set(signal, { acts, run })
  return { acts, run }
}
