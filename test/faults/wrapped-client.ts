import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { PrismaClientLike } from '../../src/index.ts'
import type { PrismaStatement, PrismaTransactionLike } from '../../src/store/db.ts'
import { makerOf } from '../../src/store/statement-name.ts'

/** One call of the library to the database: a statement by itself or in an open transaction, or a whole transaction. */
export interface Call {
  /** The function that made the (first) statement: `claimRequests`. An open transaction as a whole is `inOpenTransaction`. */
  name: string
  /** How many calls of this name there were, this one included. */
  nth: number
  /** @param comment - put in front of the first statement, so that the wire shows which call it is */
  run(comment?: string): Promise<unknown>
}

type Make = (comment: string) => PromiseLike<unknown>

/** A client that lets `around` decide what becomes of each call to a real one. */
export function wrapClient(prisma: PrismaClient, around: (call: Call) => Promise<unknown>): PrismaClientLike {
  const counts = new Map<string, number>()

  function call(name: string, run: Call['run']): Promise<unknown> {
    // Where the tables are is no business of those who count.
    if (name === 'describeHome') return run()
    const nth = (counts.get(name) ?? 0) + 1
    counts.set(name, nth)
    return around({ name, nth, run })
  }

  class Statement<T> implements PrismaStatement<T> {
    readonly [Symbol.toStringTag] = 'PrismaPromise'
    readonly name: string
    readonly make: Make

    constructor(name: string, make: Make) {
      this.name = name
      this.make = make
    }

    // biome-ignore lint/suspicious/noThenProperty: Prisma's own statements run when they are awaited
    then: PromiseLike<T>['then'] = (onFulfilled, onRejected) =>
      call(this.name, async (comment = '') => this.make(comment)).then(onFulfilled as never, onRejected)
  }

  const statementsOf = (client: Pick<PrismaClient, '$queryRaw' | '$executeRaw'>): PrismaTransactionLike => ({
    $queryRaw: <T>(query: TemplateStringsArray, ...values: unknown[]) =>
      new Statement<T>(nameOf(query), (comment) => client.$queryRaw(commented(query, comment), ...values)),
    $executeRaw: (query: TemplateStringsArray, ...values: unknown[]) =>
      new Statement<number>(nameOf(query), (comment) => client.$executeRaw(commented(query, comment), ...values)),
  })

  function transact(work: Statement<unknown>[] | ((tx: PrismaTransactionLike) => Promise<unknown>), options?: object) {
    if (typeof work === 'function')
      return call('inOpenTransaction', () => prisma.$transaction((tx) => work(statementsOf(tx)), options))
    const [first, ...rest] = work
    return call(first!.name, (comment = '') =>
      prisma.$transaction([first!.make(comment), ...rest.map((one) => one.make(''))] as never, options),
    )
  }

  return {
    $connect: () => prisma.$connect(),
    ...statementsOf(prisma),
    $transaction: transact as PrismaClientLike['$transaction'],
  }
}

/** The name of the function in src/store/ that makes the statement. */
function nameOf(query: TemplateStringsArray): string {
  return makerOf(query[0] ?? '') ?? 'unknown'
}

function commented(query: TemplateStringsArray, comment: string): TemplateStringsArray {
  const strings = [comment + query[0], ...query.slice(1)]
  return Object.assign(strings, { raw: strings })
}
