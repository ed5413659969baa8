import type { PrismaStatement, PrismaTransactionLike } from './db.ts'

/** Makes a statement on a client, its text brought to where the tables are. */
type Make<T> = (client: PrismaTransactionLike, qualify: Qualify) => PrismaStatement<T>

export type Qualify = (query: TemplateStringsArray) => TemplateStringsArray

/** A statement that waits until it is known where the tables are. As one of Prisma's own it runs when it is awaited. */
export class Statement<T> implements PrismaStatement<T> {
  readonly [Symbol.toStringTag] = 'PrismaPromise'
  readonly make: Make<T>
  readonly #run: (statement: Statement<T>) => Promise<T>

  constructor(make: Make<T>, run: (statement: Statement<T>) => Promise<T>) {
    this.make = make
    this.#run = run
  }

  // biome-ignore lint/suspicious/noThenProperty: Prisma's own statements run when they are awaited
  then: PromiseLike<T>['then'] = (onFulfilled, onRejected) => this.#run(this).then(onFulfilled, onRejected)
}

/** Puts the schema in front of each name of ours, which are all those that begin with `requeuest_` and are no texts. */
export function qualifier(schema: string): Qualify {
  const prefix = `"${schema.replaceAll('"', '""')}".`.replaceAll('$', '$$$$')
  return rewriting((query) => query.map((part) => part.replaceAll(/(?<!['\w."])requeuest_\w+/g, `${prefix}$&`)))
}

/** Puts an end behind a statement. */
export function ending(end: string): Qualify {
  return rewriting((query) => query.with(-1, `${query.at(-1)}${end}`))
}

/** Each statement is one literal in the source, so what was made of it is kept. */
function rewriting(rewrite: (query: readonly string[]) => string[]): Qualify {
  const known = new WeakMap<TemplateStringsArray, TemplateStringsArray>()
  return (query) => {
    let rewritten = known.get(query)
    if (!rewritten) {
      const strings = rewrite(query)
      rewritten = Object.assign(strings, { raw: strings })
      known.set(query, rewritten)
    }
    return rewritten
  }
}
