import { reasonOf } from '../errors.ts'
import type { TracedSpawn, Tracing } from '../policy/tracing.ts'
import type { RequeuestEventName, RequeuestEvents } from './event.ts'

/** Is told what an instance does: all events, without being a listener of them, and what is measured besides. */
export interface Observer {
  /** Whether the worker of this process may be the one that measures the queue. */
  readonly reportsDepth: boolean
  event<N extends RequeuestEventName>(name: N, event: RequeuestEvents[N]): void
  /** Requests were spawned. */
  spawned(channel: string, count: number): void
  /** A statement has claimed requests, or found none. */
  claimed(durationMs: number): void
  /** A group of attempts is written. */
  settled(durationMs: number): void
}

/** Who traces and measures an instance: nobody, unless another entry of this package was asked to. */
export class Instruments {
  tracing: Tracing | null = null
  readonly observers = new Set<Observer>()

  get reportsDepth(): boolean {
    return [...this.observers].some((observer) => observer.reportsDepth)
  }

  /** Runs a spawn, traced or not. */
  spawn<T>(spawn: TracedSpawn, work: (traceContext: string | null) => Promise<T>): Promise<T> {
    return this.tracing ? this.tracing.spawn(spawn, work) : work(null)
  }

  /** As {@link Tracing.detached}. */
  detached<T>(begin: () => T): T {
    return this.tracing ? this.tracing.detached(begin) : begin()
  }

  /** What an observer throws affects nobody else. */
  tell(tell: (observer: Observer) => void): void {
    for (const observer of this.observers) {
      try {
        tell(observer)
      } catch (error) {
        process.emitWarning(`What measures Requeuest failed: ${reasonOf(error)}`)
      }
    }
  }
}
