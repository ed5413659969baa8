import type { PrismaStatement, PrismaTransactionLike } from './db.ts'

/** A connection of a `pg` pool, as far as it is needed. */
export interface PgConnection {
  /** As the server told when the connection was made. */
  processID?: number
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
  query(query: string | object): Promise<{ rows: unknown[]; rowCount: number | null }>
  /** @param isBroken - it is closed instead of being kept for others */
  release(isBroken?: boolean): void
}

/** How `pg` reads values. */
export interface PgTypes {
  getTypeParser(oid: number, format?: string): (value: string) => unknown
}

/** Runs a statement on some connection. */
type Run = <T>(statement: PgStatement<T>) => Promise<T>

/** Runs when it is awaited, or on the connection of a transaction. */
export class PgStatement<T> implements PrismaStatement<T> {
  readonly [Symbol.toStringTag] = 'PrismaPromise'
  readonly runOn: (connection: PgConnection) => Promise<T>
  readonly #run: Run

  constructor(runOn: (connection: PgConnection) => Promise<T>, run: Run) {
    this.runOn = runOn
    this.#run = run
  }

  // biome-ignore lint/suspicious/noThenProperty: Prisma's own statements run when they are awaited
  then: PromiseLike<T>['then'] = (onFulfilled, onRejected) => this.#run(this).then(onFulfilled, onRejected)
}

/** Makes statements with the tags of a Prisma client. */
export class PgStatements implements PrismaTransactionLike {
  readonly #types: PgTypes
  readonly #run: Run

  constructor(types: PgTypes, run: Run) {
    this.#types = types
    this.#run = run
  }

  $queryRaw<T>(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<T> {
    const toQuery = this.#toQuery(query, values)
    return new PgStatement(async (connection) => (await connection.query(toQuery)).rows as T, this.#run)
  }

  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<number> {
    const toQuery = this.#toQuery(query, values)
    return new PgStatement(async (connection) => (await connection.query(toQuery)).rowCount ?? 0, this.#run)
  }

  #toQuery(query: TemplateStringsArray, values: unknown[]): object {
    const text = query.reduce((before, part, index) => `${before}$${index}${part}`)
    return { text, values, types: this.#types }
  }
}
