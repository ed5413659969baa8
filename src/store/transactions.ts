import type { PrismaStatement, PrismaTransactionLike } from './db.ts'
import { applySettings, type Home } from './home.ts'
import { type Qualify, Statement } from './statement.ts'

/** A transaction that the library has opened, with what a callback of the user's is given of it. */
export class OwnTransaction implements PrismaTransactionLike {
  readonly client: PrismaTransactionLike
  readonly #qualify: Qualify

  constructor(client: PrismaTransactionLike, qualify: Qualify) {
    this.client = client
    this.#qualify = qualify
  }

  $queryRaw<T>(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<T> {
    return this.client.$queryRaw<T>(this.#qualify(query), ...values)
  }

  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<number> {
    return this.client.$executeRaw(this.#qualify(query), ...values)
  }
}

/** The transaction's client as Prisma made it. */
export function clientOf(tx: PrismaTransactionLike): PrismaTransactionLike {
  return tx instanceof OwnTransaction ? tx.client : tx
}

/** Where the tables are, once that is known. */
interface Tables {
  readonly known: Place | undefined
  find(tx: PrismaTransactionLike): Promise<Place>
}

interface Place {
  home: Home
  qualify: Qualify
}

/** A transaction that the caller has opened: its settings are the caller's, and are as they were after each statement. */
export class CallerTransaction implements PrismaTransactionLike {
  readonly #client: PrismaTransactionLike
  readonly #tables: Tables

  constructor(client: PrismaTransactionLike, tables: Tables) {
    this.#client = client
    this.#tables = tables
  }

  $queryRaw<T>(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<T> {
    return this.#statement((client, qualify) => client.$queryRaw<T>(qualify(query), ...values))
  }

  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<number> {
    return this.#statement((client, qualify) => client.$executeRaw(qualify(query), ...values))
  }

  #statement<T>(make: Statement<T>['make']): PrismaStatement<T> {
    const known = this.#tables.known
    if (known && formsOf(known.home).length === 0) return make(this.#client, known.qualify)
    return new Statement<T>(make, this.#run)
  }

  readonly #run = async <T>(statement: Statement<T>): Promise<T> => {
    const { home, qualify } = await this.#tables.find(this.#client)
    const settings = formsOf(home)
    if (settings.length === 0) return statement.make(this.#client, qualify)
    await applySettings(this.#client, settings, 'ours')
    const result = await statement.make(this.#client, qualify)
    await applySettings(this.#client, settings, 'theirs')
    return result
  }
}

/** How long the caller's statements may take is not for us to say. */
function formsOf({ settings }: Home): Home['settings'] {
  return settings.filter(({ name }) => !name.endsWith('_timeout'))
}
