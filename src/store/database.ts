import {
  PATIENCE,
  type PrismaClientLike,
  type PrismaStatement,
  type PrismaTransactionLike,
  type TransactionOptions,
} from './db.ts'
import { applySettings, type Home } from './home.ts'
import { findHome } from './home-finder.ts'
import { type Qualify, qualifier, Statement } from './statement.ts'
import { CallerTransaction, OwnTransaction } from './transactions.ts'

/**
 * The user's Prisma client, as all statements of the library use it.
 *
 * - Statements name their tables without a schema (`requeuest_request`). A `qualifier` puts the schema in front, once for each
 *   statement, since its text is one literal.
 * - The schema is that of Prisma's models. `findHome` learns it before the first statement, by a query on a model and the lock
 *   that it takes: neither the client nor its adapter tells. The option `schema` is checked against it.
 * - Until then a statement is a {@link Statement}: made and run when it is awaited. Afterwards it is Prisma's own.
 * - If a session differs from what the statements need (isolation level, `array_nulls`, short timeouts), they run in
 *   transactions that set it.
 * - `in(tx)` gives the same for a transaction of the caller's, whose settings are restored after each statement.
 */
export class Database implements PrismaClientLike {
  readonly client: PrismaClientLike
  /** The schema that the user named. */
  readonly told: string | undefined
  #known: { home: Home; qualify: Qualify } | undefined
  #finding: Promise<void> | undefined

  /** @param schema - that of the tables, if the user named one */
  constructor(client: PrismaClientLike, schema: string | undefined) {
    this.client = client
    this.told = schema
  }

  /**
   * Finds the schema of the tables, unless it is known.
   *
   * @param tx - the transaction to look in; the pool may have no other connection
   * @throws {@link RequeuestError} where there are none, or others than those of Prisma's models
   */
  async find(tx?: PrismaTransactionLike): Promise<{ home: Home; qualify: Qualify }> {
    if (!this.#known && tx) this.#learn(await findHome(this.client, tx, this.told))
    while (!this.#known) {
      this.#finding ??= findHome(this.client, undefined, this.told)
        .then((home) => this.#learn(home))
        .finally(() => {
          this.#finding = undefined
        })
      await this.#finding
    }
    return this.#known
  }

  get known(): { home: Home; qualify: Qualify } | undefined {
    return this.#known
  }

  /** In the caller's transaction, if there is one. */
  in(tx: PrismaTransactionLike | undefined): PrismaTransactionLike {
    return tx === undefined ? this : new CallerTransaction(tx, this)
  }

  $queryRaw<T>(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<T> {
    const qualify = this.#plainly
    if (qualify) return this.client.$queryRaw<T>(qualify(query), ...values)
    return new Statement<T>((client, qualify) => client.$queryRaw<T>(qualify(query), ...values), this.#runAlone)
  }

  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<number> {
    const qualify = this.#plainly
    if (qualify) return this.client.$executeRaw(qualify(query), ...values)
    return new Statement((client, qualify) => client.$executeRaw(qualify(query), ...values), this.#runAlone)
  }

  $transaction(statements: PrismaStatement<unknown>[], options?: TransactionOptions): Promise<unknown[]>
  $transaction<R>(work: (tx: PrismaTransactionLike) => Promise<R>, options?: TransactionOptions): Promise<R>
  $transaction<R>(
    work: PrismaStatement<unknown>[] | ((tx: PrismaTransactionLike) => Promise<R>),
    options: TransactionOptions = {},
  ): Promise<unknown[] | R> {
    return typeof work === 'function' ? this.#runOpen(work, options) : this.#runAll(work, options)
  }

  $connect(): Promise<void> {
    return this.client.$connect()
  }

  /** What a statement needs that can go to the client as it is; undefined while it cannot. */
  get #plainly(): Qualify | undefined {
    return this.#known && isPlain(this.#known.home) ? this.#known.qualify : undefined
  }

  #learn(home: Home): void {
    this.#known = { home, qualify: qualifier(home.schema) }
  }

  readonly #runAlone = async <T>(statement: Statement<T>): Promise<T> => {
    const [result] = await this.#runAll([statement], {})
    return result as T
  }

  async #runAll(statements: readonly PrismaStatement<unknown>[], options: TransactionOptions): Promise<unknown[]> {
    const { home, qualify } = await this.find()
    const made = statements.map((one) => (one instanceof Statement ? one.make(this.client, qualify) : one))
    // For a single statement, which is a transaction by itself, Prisma sends neither BEGIN nor an isolation level.
    if (isPlain(home) && made.length === 1) return this.client.$transaction(made, { ...PATIENCE, ...options })
    const before = isPlain(home) ? [] : [applySettings(this.client, home.settings, 'ours')]
    const results = await this.client.$transaction([...before, ...made], { ...PATIENCE, ...options, ...READ_COMMITTED })
    return results.slice(before.length)
  }

  async #runOpen<R>(work: (tx: PrismaTransactionLike) => Promise<R>, options: TransactionOptions): Promise<R> {
    const { home, qualify } = await this.find()
    const run = async (tx: PrismaTransactionLike) => {
      if (home.settings.length > 0) await applySettings(tx, home.settings, 'ours')
      return work(new OwnTransaction(tx, qualify))
    }
    return this.client.$transaction(run, { ...PATIENCE, ...READ_COMMITTED, ...options })
  }
}

/** Serializable, which a client or a role may have as its default, would let busy workers fail all the time. */
const READ_COMMITTED = { isolationLevel: 'ReadCommitted' } as const

/** Whether a single statement is what it has to be without a transaction around it. */
function isPlain({ isReadCommitted, settings }: Home): boolean {
  return isReadCommitted && settings.length === 0
}
