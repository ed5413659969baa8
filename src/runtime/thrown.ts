import { types } from 'node:util'

/** What `look` finds, or undefined: a revoked proxy or a getter that throws refuses to be looked at. */
export function peek<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

/** Whether it is an error, also one of another realm (`node:vm`). Never throws. */
export function isError(thrown: unknown): thrown is Error {
  return types.isNativeError(thrown) || peek(() => thrown instanceof Error) === true
}

/** A property of an error, if it is a text; anything may have been put there. Never throws. */
function textOf(error: Error, property: 'name' | 'message' | 'code'): string {
  const value = peek(() => (error as { code?: unknown } & Error)[property])
  return typeof value === 'string' ? value : ''
}

/** What kind of error it is, which tells no secrets. Never throws. */
export function errorName(thrown: unknown): string {
  if (!isError(thrown)) return 'no error'
  return /^\w{1,80}$/.exec(textOf(thrown, 'name'))?.[0] ?? 'an error'
}

const MOST_GATHERED = 3

/** What an error says: its message, or those of the errors that it gathers, or its name. Never throws. */
export function errorText(error: Error): string {
  return textOf(error, 'message') || gatheredText(error) || textOf(error, 'name') || 'an error'
}

/** Some errors that stand for several have no message of their own, such as that of a connection to `localhost`. */
function gatheredText(error: Error): string {
  const errors: unknown = peek(() => (error as AggregateError).errors)
  const some = peek(() => (Array.isArray(errors) ? errors.slice(0, MOST_GATHERED) : [])) ?? []
  return some.map((one: unknown) => (isError(one) ? textOf(one, 'message') : '')).join('; ')
}

/** The error, then those that it gathers or was caused by. */
export function unfold(error: unknown, depth = 0): { code: string; message: string }[] {
  if (!isError(error) || depth > 4) return []
  const code = textOf(error, 'code')
  const inner = peek(() => [...(error as AggregateError).errors]) ?? []
  return [
    // undici 7.30 loses the code of its parser's errors.
    { code: code || textOf(error, 'name'), message: textOf(error, 'message') || code },
    ...[...inner, peek(() => error.cause)].flatMap((each) => unfold(each, depth + 1)),
  ]
}
