import type { ClaimedRequest } from '../policy/request.ts'
import type { ScopeKind } from '../policy/scope.ts'
import type { ScopeState } from '../store/settings.ts'
import { Scope } from './scope.ts'

/** The channels and origins that this worker has claims of, or that have a pause, a limit or a breaker. */
export class Scopes {
  readonly #channels = new Map<string, Scope>()
  readonly #origins = new Map<string, Scope>()

  get(kind: ScopeKind, name: string): Scope | undefined {
    return this.#of(kind).get(name)
  }

  make(kind: ScopeKind, name: string): Scope {
    const known = this.#of(kind).get(name)
    if (known) return known
    const scope = new Scope(kind, name)
    this.#of(kind).set(name, scope)
    return scope
  }

  /** The two that a request belongs to. */
  both({ channel, origin }: Pick<ClaimedRequest, 'channel' | 'origin'>): [channel: Scope, origin: Scope] {
    return [this.make('channel', channel), this.make('origin', origin)]
  }

  all(kind: ScopeKind): Iterable<Scope> {
    return this.#of(kind).values()
  }

  /** Whether a rate is about to let something start. */
  awaitPermit(nowMs: number): boolean {
    return [...this.#channels.values(), ...this.#origins.values()].some((scope) => scope.awaitsPermit(nowMs))
  }

  forget(...scopes: Scope[]): void {
    for (const scope of scopes) {
      if (scope.isUnremarkable) this.#of(scope.kind).delete(scope.name)
    }
  }

  /**
   * Takes over the settings of all scopes.
   *
   * @param isAhead - whether this worker knows more of a scope than the database
   */
  learn(states: readonly ScopeState[], isAhead: (scope: Scope) => boolean, nowMs: number, random: () => number): void {
    const told = new Map(states.map((control) => [this.make(control.kind, control.name), control]))
    for (const scope of [...this.#channels.values(), ...this.#origins.values()]) {
      if (!isAhead(scope)) scope.learn(told.get(scope), nowMs, random)
      this.forget(scope)
    }
  }

  #of(kind: ScopeKind): Map<string, Scope> {
    return kind === 'channel' ? this.#channels : this.#origins
  }
}
