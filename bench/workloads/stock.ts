import type { Client } from 'pg'
import { asAdmin } from '../../test/support/databases.ts'
import type { Lab } from '../harness/lab.ts'
import { Run } from '../harness/run.ts'
import { insertFinished, insertPending } from './rows.ts'

/** How much lies in a database. */
export interface StockTerms {
  pending: number
  /** Delivered, each with its attempt. */
  finished: number
}

/**
 * A database of Requeuest that is filled once and used by many runs, since filling it takes minutes. Each run finds as
 * much pending as the one before.
 */
export class Stock {
  readonly #lab: Lab
  readonly #terms: StockTerms
  readonly url: string
  /** Ids that were given out, from 0. */
  ids = 0

  private constructor(lab: Lab, terms: StockTerms, url: string) {
    this.#lab = lab
    this.#terms = terms
    this.url = url
  }

  static async open(lab: Lab, terms: StockTerms): Promise<Stock> {
    const url = await lab.server.createDatabase(true)
    const stock = new Stock(lab, terms, url)
    await using run = await Run.begin(lab, 'requeuest', { target: { ids: 0 }, databaseUrl: url })
    await (await run.agent()).install()
    await stock.#write((client) => insertFinished(client, lab.targetUrl, terms.finished))
    return stock
  }

  /** Writes what the run before has sent, and gives the server time to put its files in order. */
  async topUp(): Promise<void> {
    await this.#write(async (client) => {
      const { rows } = await client.query("SELECT count(*)::int AS left FROM requeuest_request WHERE state = 'pending'")
      const count = this.#terms.pending - rows[0].left
      await insertPending(client, { targetUrl: this.#lab.targetUrl, from: this.ids, count })
      this.ids += count
      await client.query('VACUUM ANALYZE')
      await client.query('CHECKPOINT')
    })
  }

  async drop(): Promise<void> {
    await this.#lab.server.dropDatabase(this.url)
  }

  async #write(work: (client: Client) => Promise<void>): Promise<void> {
    await asAdmin(this.url, async (client) => {
      // The log is for what the worker asks.
      await client.query('SET log_min_duration_statement = -1')
      await work(client)
    })
  }
}
