import { InvalidArgumentError } from 'commander'
import { type Moment, parseMoment } from '../inspect/moment.ts'

export function toMoment(text: string): Moment {
  const moment = parseMoment(text)
  if (moment !== null) return moment
  throw new InvalidArgumentError(
    "It must be a time: '2h' (ago), '+2h' (from now), '2026-11-30' or '2026-11-30T10:00Z'.",
  )
}
