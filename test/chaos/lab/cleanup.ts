type Closer = () => unknown

/** Closes what was opened, last first, when its scope is left. */
export class Closers implements AsyncDisposable {
  readonly #closers: Closer[] = []

  add(closer: Closer): void {
    this.#closers.push(closer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.reverse()) await close()
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Lets a signal that ends this process run what is registered for its exit, which by itself it would not. */
export function dieCleanly(): Closer {
  const die = (signal: NodeJS.Signals) => {
    process.emit('exit', 1)
    process.kill(process.pid, signal)
  }
  for (const signal of SIGNALS) process.once(signal, die)
  return () => {
    for (const signal of SIGNALS) process.removeListener(signal, die)
  }
}
