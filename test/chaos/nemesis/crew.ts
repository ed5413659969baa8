import { type Child, end } from '../lab/child.ts'
import { between, type Random } from '../lab/random.ts'

/** The workers that run, each in a place of its own: one that was killed has a successor there. */
export class Crew {
  readonly #start: () => Promise<Child>
  readonly #places: (Child | undefined)[]
  readonly #lost = new Set<number>()

  private constructor(start: () => Promise<Child>, workers: Child[]) {
    this.#start = start
    this.#places = workers
  }

  static async of(size: number, start: () => Promise<Child>): Promise<Crew> {
    return new Crew(start, await Promise.all(Array.from({ length: size }, start)))
  }

  /** Of those that run now. */
  get names(): string[] {
    return this.#places.flatMap((worker) => worker?.name ?? [])
  }

  /** The process ids of those that are dead or stopped. */
  get lost(): number[] {
    return [...this.#lost]
  }

  draw(random: Random): number {
    return between(random, 0, this.#places.length - 1)
  }

  /** The one that is awake in this place or the next. Nobody, when it is the last. */
  awakeFrom(place: number): Child | undefined {
    const turned = [...this.#places.slice(place), ...this.#places.slice(0, place)]
    const awake = turned.filter((worker) => worker !== undefined && !this.#lost.has(worker.pid))
    return awake.length > 1 ? awake[0] : undefined
  }

  async kill(victim: Child): Promise<void> {
    const place = this.#places.indexOf(victim)
    this.#places[place] = undefined
    this.#lost.add(victim.pid)
    await end(victim, 'SIGKILL')
    const successor = await this.#start()
    // It may have got the number of one that died long ago.
    this.#lost.delete(successor.pid)
    this.#places[place] = successor
  }

  stop(victim: Child): void {
    this.#lost.add(victim.pid)
    victim.process.kill('SIGSTOP')
  }

  wake(victim: Child): void {
    this.#lost.delete(victim.pid)
    victim.process.kill('SIGCONT')
  }

  /** Ends all of them in good order. Returns those that did not obey. */
  async dismiss(): Promise<Child[]> {
    const workers = this.#places.filter((worker) => worker !== undefined)
    const obeyed = await Promise.all(workers.map((worker) => end(worker, 'SIGTERM')))
    return workers.filter((_, index) => !obeyed[index])
  }
}
