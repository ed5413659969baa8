import { hidden, InvalidInputError } from '../errors.ts'

/**
 * A logger to which fields come before the message: one of pino, the console, or an object of these three methods that passes on what
 * it gets.
 */
export interface LoggerLike {
  /** Logs what went as it should, such as a breaker that closed. */
  info(fields: object, message: string): unknown
  /** Logs what an operator may want to look at, such as a breaker that opened. */
  warn(fields: object, message: string): unknown
  /** Logs what failed. */
  error(fields: object, message: string): unknown
}

export type LogLevel = keyof LoggerLike

const LEVELS: readonly LogLevel[] = ['info', 'warn', 'error']

export function checkLogger(field: string, value: unknown): LoggerLike {
  const given = value as Partial<LoggerLike> | null
  if (LEVELS.every((level) => typeof given?.[level] === 'function')) return value as LoggerLike
  throw new InvalidInputError(
    field,
    hidden(value),
    'a logger with `info`, `warn` and `error`, such as pino() or console',
  )
}
