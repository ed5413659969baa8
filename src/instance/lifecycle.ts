import { RequeuestError } from '../errors.ts'

/** What runs between `start()` and the end of the drain. */
interface Stoppable {
  /** The same promise each time. Called again, it hurries: the shortest time counts. */
  stop(timeoutMs: number): Promise<void>
}

type State<R> =
  | { is: 'stopped' }
  | { is: 'starting'; prepared: Promise<void> }
  | { is: 'running'; running: R }
  | { is: 'draining'; running: R | undefined; drained: Promise<void> }

const WHY_NOT = {
  starting: 'start() is under way already.',
  running: 'This instance is started already: stop() it first.',
  draining: 'This instance is still being stopped: await stop() before start().',
}

/**
 * The life of a worker, in which calls may overlap in any way:
 *
 * ```text
 *             start()               prepared             stop()               drained
 *   stopped ──────────▶ starting ───────────▶ running ──────────▶ draining ───────────▶ stopped
 *      ▲                 │    │                                      ▲
 *      └── that failed ──┘    └─────────────── stop() ───────────────┘
 * ```
 *
 * `start()` is refused in every state but `stopped`, so there are never two workers. `stop()` that comes while it starts is
 * as if it came just after: `start()` resolves, and nothing runs. All who call `stop()` during a drain wait for its end, and
 * the shortest of their times counts. When `stop()` has resolved, nothing is under way any more.
 */
export class Lifecycle<R extends Stoppable> {
  #state: State<R> = { is: 'stopped' }

  /** What runs and is not being stopped. */
  get running(): R | undefined {
    return this.#state.is === 'running' ? this.#state.running : undefined
  }

  /** Whether what is said now holds from the next `start()` on: none has begun, or it is over. */
  get isBeforeStart(): boolean {
    return this.#state.is === 'stopped' || this.#state.is === 'draining'
  }

  /**
   * @param prepare - what may fail, or take its time; gives the function that makes what runs
   * @throws {@link RequeuestError} with code `already_started`, or what `prepare` throws
   */
  async start(prepare: () => Promise<() => R>): Promise<void> {
    if (this.#state.is !== 'stopped') throw new RequeuestError('already_started', WHY_NOT[this.#state.is])
    const preparing = prepare()
    const starting: State<R> = { is: 'starting', prepared: preparing.then(noop, noop) }
    this.#state = starting
    try {
      const begin = await preparing
      if (this.#state === starting) this.#state = { is: 'running', running: begin() }
    } catch (error) {
      if (this.#state === starting) this.#state = { is: 'stopped' }
      throw error
    }
  }

  /** Resolves when nothing is under way any more. */
  stop(timeoutMs: number): Promise<void> {
    const state = this.#state
    switch (state.is) {
      case 'stopped':
        return Promise.resolve()
      case 'starting':
        return this.#drain(undefined, state.prepared)
      case 'running':
        return this.#drain(state.running, state.running.stop(timeoutMs))
      case 'draining':
        void state.running?.stop(timeoutMs)
        return state.drained
    }
  }

  #drain(running: R | undefined, ended: Promise<void>): Promise<void> {
    const drained = ended.finally(() => {
      this.#state = { is: 'stopped' }
    })
    this.#state = { is: 'draining', running, drained }
    return drained
  }
}

const noop = () => {}
