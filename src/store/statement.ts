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

/** A part of a statement, or the whole of it. */
export interface Fragment {
  query: TemplateStringsArray
  values: readonly unknown[]
}

export const fragment = (query: TemplateStringsArray, ...values: unknown[]): Fragment => ({ query, values })

/** Fragments one behind the other, as one. */
export function joined(first: Fragment, ...rest: readonly Fragment[]): Fragment {
  return rest.reduce(
    (left, right) => ({ query: joinTexts(left.query, right.query), values: [...left.values, ...right.values] }),
    first,
  )
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

/** One text for each that comes behind another. */
const joins = new WeakMap<TemplateStringsArray, Qualify>()

function joinTexts(left: TemplateStringsArray, right: TemplateStringsArray): TemplateStringsArray {
  let join = joins.get(left)
  if (!join) {
    join = rewriting((end) => [...left.slice(0, -1), `${left.at(-1)}${end[0]}`, ...end.slice(1)])
    joins.set(left, join)
  }
  return join(right)
}

/** Each statement is made of literals in the source, so what was made of them is kept. */
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
