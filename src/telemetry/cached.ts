/** What is made once for each combination of a few texts, of which there is a bounded number. */
export class Cached<K extends string[], T> {
  readonly #make: (...key: K) => T
  readonly #made = new Map<string, T>()

  constructor(make: (...key: K) => T) {
    this.#make = make
  }

  of(...key: K): T {
    const text = key.join('\0')
    const known = this.#made.get(text)
    if (known !== undefined) return known
    const made = this.#make(...key)
    this.#made.set(text, made)
    return made
  }
}
