import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { asAdmin } from '../../test/support/databases.ts'
import type { AgentMethods } from '../processes/agent.ts'
import { callsTo, type Remote } from '../processes/rpc.ts'
import type { TargetTerms } from '../processes/target.ts'
import { factsOf, type SystemName } from '../systems/catalogue.ts'
import { CHANNEL, type Terms } from '../systems/system.ts'
import { endProgram, forkProgram } from './children.ts'
import type { Lab } from './lab.ts'
import type { Receivers } from './receivers.ts'

/** Nothing arrives for this long: the system has stopped. */
const STALLED_MS = 60_000

/** What one run asks of the target and of the system; the rest is as usual. */
export interface RunTerms {
  target: Partial<TargetTerms> & Pick<TargetTerms, 'ids'>
  /** Where to send to instead of the target. */
  receivers?: Receivers | null
  system?: Partial<Terms>
  /** Time each statement on the server. */
  logged?: boolean
  /** A database that outlives the run; otherwise it gets a fresh one. */
  databaseUrl?: string
}

export type Agent = Remote<AgentMethods>

/** One run of one system: a fresh database, a target that has seen nothing, and processes that end with it. */
export class Run implements AsyncDisposable {
  readonly #lab: Lab
  readonly #system: SystemName
  readonly #terms: Terms
  readonly #children: ChildProcess[] = []
  readonly #keepsDatabase: boolean
  readonly #receiver: Pick<Receivers, 'total' | 'reached' | 'report'>

  private constructor(lab: Lab, system: SystemName, terms: Terms, { databaseUrl, receivers }: RunTerms) {
    this.#lab = lab
    this.#system = system
    this.#terms = terms
    this.#keepsDatabase = databaseUrl !== undefined
    this.#receiver = receivers ?? lab.target
  }

  static async begin(lab: Lab, system: SystemName, terms: RunTerms): Promise<Run> {
    const databaseUrl = terms.databaseUrl ?? (await lab.server.createDatabase(terms.logged ?? false))
    const redis = factsOf(system).keepsIn === 'redis' ? await lab.redis() : null
    await redis?.clear()
    await lab.target.reset({ delayMs: 0, failEvery: 0, responseBytes: 2, ...terms.target })
    const systemTerms: Terms = {
      databaseUrl,
      redisPort: redis?.port ?? null,
      origins: terms.receivers?.origins ?? [lab.targetUrl],
      ca: terms.receivers?.ca ?? null,
      timeoutMs: null,
      concurrency: 100,
      bodyBytes: 200,
      channels: [CHANNEL],
      retryAfterMs: null,
      ...terms.system,
    }
    return new Run(lab, system, systemTerms, terms)
  }

  get databaseUrl(): string {
    return this.#terms.databaseUrl
  }

  /** Another process of the system. */
  async agent(): Promise<Agent> {
    const child = forkProgram(this.#lab.agentFileOf(this.#system), this.#lab.nodeOf(this.#system).binary)
    this.#children.push(child)
    const agent = callsTo<AgentMethods>(child)
    await agent.open(this.#system, this.#terms)
    return agent
  }

  /** Writes statistics, so that no system's turn pays for what autovacuum happens to do. */
  async settle(): Promise<void> {
    if (factsOf(this.#system).keepsIn === 'postgres')
      await asAdmin(this.databaseUrl, (client) => client.query('VACUUM ANALYZE'))
  }

  /**
   * Begins to count what is committed in the database. The function that it returns waits until all connections are
   * closed, since only then they have told of everything; null for what is not kept in Postgres.
   */
  async countTransactions(): Promise<() => Promise<number | null>> {
    if (factsOf(this.#system).keepsIn !== 'postgres') return async () => null
    const { server } = this.#lab
    const before = await server.transactions(this.databaseUrl)
    return async () => {
      await server.left(this.databaseUrl)
      return (await server.transactions(this.databaseUrl)) - before
    }
  }

  /** Resolves when that many requests have arrived, with the moment of the last; throws when nothing arrives any more. */
  async arrived(count: number): Promise<number> {
    const receiver = this.#receiver
    const reached = receiver.reached(count)
    const stalled = new AbortController()
    const watch = async () => {
      for (let before = -1, now = 0; now !== before; ) {
        before = now
        await sleep(STALLED_MS, undefined, { signal: stalled.signal, ref: false })
        now = await receiver.total()
      }
      throw new Error(`${this.#system}: nothing arrives any more; ${await receiver.total()} of ${count} did`)
    }
    try {
      return await Promise.race([reached, watch()])
    } finally {
      stalled.abort()
    }
  }

  /** Throws unless each id arrived exactly as often as it should. */
  async verifyArrivals(): Promise<void> {
    const { missing, duplicates, unknown } = await this.#receiver.report()
    if (missing + duplicates + unknown === 0) return
    throw new Error(`${this.#system}: ${missing} ids are missing, ${duplicates} came twice, ${unknown} are unknown`)
  }

  /** As {@link verifyArrivals}, for a run that ends before everything has been sent. */
  async verifyNoDuplicates(): Promise<void> {
    const { duplicates, unknown } = await this.#receiver.report()
    if (duplicates + unknown > 0) throw new Error(`${duplicates} ids came twice, ${unknown} are unknown`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(endProgram))
    if (!this.#keepsDatabase) await this.#lab.server.dropDatabase(this.databaseUrl)
  }
}
