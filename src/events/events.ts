import { EventEmitter } from 'node:events'
import { checkFunction, checkOneOf } from '../check/check.ts'
import { isRequeuestError, reasonOf } from '../errors.ts'
import type { RequeuestEventName, RequeuestEvents } from './event.ts'
import { Instruments } from './instruments.ts'

/** Every name, as a record so that the compiler finds a missing one. */
const NAMES: Record<RequeuestEventName, true> = {
  attempt: true,
  delivered: true,
  failed: true,
  claimLost: true,
  rescued: true,
  originPaused: true,
  breakerOpened: true,
  breakerClosed: true,
  error: true,
  warning: true,
}

/** Typed events. What a listener throws becomes a process warning and affects nothing else. */
export class Events {
  /** Who else is told. */
  readonly instruments = new Instruments()
  readonly #emitter = new EventEmitter({ captureRejections: false }).setMaxListeners(0)

  on<N extends RequeuestEventName>(name: N, listener: (event: RequeuestEvents[N]) => void): void {
    checkOneOf('name', name, Object.keys(NAMES))
    this.#emitter.on(name, checkFunction('listener', listener))
  }

  off<N extends RequeuestEventName>(name: N, listener: (event: RequeuestEvents[N]) => void): void {
    this.#emitter.off(name, listener)
  }

  emit<N extends RequeuestEventName>(name: N, event: RequeuestEvents[N]): void {
    this.instruments.tell((observer) => observer.event(name, event))
    if (this.#emitter.listenerCount(name) === 0) {
      if (name === 'error' || name === 'warning') {
        process.emitWarning((event as { message: string }).message, 'RequeuestWarning')
      }
      return
    }
    // Several listeners get it. An error is left as it is: who reports one may add to it.
    if (!isRequeuestError(event)) Object.freeze(event)
    for (const listener of this.#emitter.listeners(name) as ((event: RequeuestEvents[N]) => unknown)[]) {
      try {
        const result = listener(event)
        if (result !== undefined) Promise.resolve(result).catch(reportListener)
      } catch (error) {
        reportListener(error)
      }
    }
  }
}

function reportListener(error: unknown): void {
  process.emitWarning(`A Requeuest event listener threw: ${reasonOf(error)}`)
}
