import { hidden, InvalidInputError } from '../errors.ts'

/**
 * A logger to which fields come before the message: one of pino, the console, or an object of these three methods that passes on what
 * it gets.
 */
export interface LoggerLike {
  info(fields: object, message: string): unknown
  warn(fields: object, message: string): unknown
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
