import { Cron } from './cron.ts'

/**
 * The next times at which a schedule fires, the first of which is known already.
 *
 * @param firstMs - all times in milliseconds since 1970
 * @throws {@link InvalidInputError} if the expression or the zone is invalid
 */
export function upcoming(expression: string, timezone: string, firstMs: number, count: number): number[] {
  const cron = new Cron(expression, timezone)
  const times = [firstMs]
  while (times.length < count) times.push(cron.next(times.at(-1) as number))
  return times
}
