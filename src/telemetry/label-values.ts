/** Each value of a label is a series for whoever stores them, so there may not be any number. */
const MOST_CHANNELS = 200

/** What stands for all values that have no series of their own. */
export const OTHER = 'other'

/** Values of labels, of which there is a bounded number. */
export class LabelValues {
  readonly #channels = new Set<string>()
  readonly #origins: ReadonlySet<string> | undefined

  /** @param origins - those that have a value of their own; undefined for no label */
  constructor(origins: ReadonlySet<string> | undefined) {
    this.#origins = origins
  }

  /** The first 200 names have a value of their own. */
  channel(name: string): string {
    if (this.#channels.has(name)) return name
    if (this.#channels.size >= MOST_CHANNELS) return OTHER
    this.#channels.add(name)
    return name
  }

  origin(origin: string): string | undefined {
    return this.#origins && (this.#origins.has(origin) ? origin : OTHER)
  }

  get origins(): readonly (string | undefined)[] {
    return this.#origins ? [...this.#origins, OTHER] : [undefined]
  }
}
