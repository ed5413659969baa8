import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { PrismaClientLike } from '../../src/index.ts'
import type { PrismaStatement } from '../../src/store/db.ts'

/** One call of the library to the database: a statement by itself, or a transaction. */
export interface Call {
  /** The function that made the (first) statement: `claimRequests`. */
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

  return {
    $connect: () => prisma.$connect(),
    $queryRaw: <T>(query: TemplateStringsArray, ...values: unknown[]) =>
      new Statement<T>(caller(), (comment) => prisma.$queryRaw(commented(query, comment), ...values)),
    $executeRaw: (query: TemplateStringsArray, ...values: unknown[]) =>
      new Statement<number>(caller(), (comment) => prisma.$executeRaw(commented(query, comment), ...values)),
    $transaction(statements, options) {
      const [first, ...rest] = statements as unknown as Statement<unknown>[]
      return call(first!.name, (comment = '') =>
        prisma.$transaction([first!.make(comment), ...rest.map((one) => one.make(''))] as never, options),
      ) as Promise<unknown[]>
    },
  }
}

/** The name of the function that called the one that called this. */
function caller(): string {
  const at: { stack?: string } = {}
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 2
  Error.captureStackTrace(at, caller)
  Error.stackTraceLimit = stackTraceLimit
  return /at ([\w.]+) /.exec(at.stack?.split('\n')[2] ?? '')?.[1] ?? 'unknown'
}

function commented(query: TemplateStringsArray, comment: string): TemplateStringsArray {
  const strings = [comment + query[0], ...query.slice(1)]
  return Object.assign(strings, { raw: strings })
}
