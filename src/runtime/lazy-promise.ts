/** A promise whose work begins when it is first asked for, as Prisma's own do. */
export class LazyPromise<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'LazyPromise'
  readonly #begin: () => Promise<T>
  #begun: Promise<T> | undefined

  constructor(begin: () => Promise<T>) {
    this.#begin = begin
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then<A = T, B = never>(
    onResolved?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#work().then(onResolved, onRejected)
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#work().catch(onRejected)
  }

  finally(onEnd?: (() => void) | null): Promise<T> {
    return this.#work().finally(onEnd)
  }

  #work(): Promise<T> {
    this.#begun ??= this.#begin()
    return this.#begun
  }
}
