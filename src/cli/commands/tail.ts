import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { durationText } from '../../inspect/duration-text.ts'
import type { AttemptOutcome } from '../../policy/attempt.ts'
import type { TailRow } from '../../store/inspect/tail.ts'
import { databaseClock } from '../database-clock.ts'
import { collect, onDatabase, toDurationMs } from '../database-command.ts'
import { toStatusRange } from '../filter.ts'
import { printJson, printText } from '../output.ts'
import { oneLine, styleState } from '../style.ts'

const EVERY_MS = 1000
const PAGE = 1000
/** Attempts are written a moment after they have ended, and not in the order in which they did. */
const OVERLAP_MS = 10_000

interface Options {
  channel?: string[]
  outcome?: AttemptOutcome[]
  status?: { gte?: number; lte?: number; lt?: number }
  since: number
}

export function tailCommand(program: Command): void {
  const command = program
    .command('tail')
    .description('Print attempts as they end, until Ctrl-C. With --json a line of JSON each.')
    .addOption(new Option('--channel <name>', 'only of this channel; may be repeated').argParser(collect))
    .addOption(
      new Option('--outcome <outcome>', 'such as accepted, rejected or timeout; may be repeated').argParser(collect),
    )
    .option('--status <status>', 'only with this status: 503, 500-599 or 5xx', toStatusRange)
    .option('--since <duration>', 'begin with attempts that ended so long ago', toDurationMs, 0)
  onDatabase<Options>(command, async ({ db, signal }, { channel, outcome, status, since, json }) => {
    const [{ tailAttempts }, { inTransaction }, { avoidTableScan }] = await Promise.all([
      import('../../store/inspect/tail.ts'),
      import('../../store/db.ts'),
      import('../../store/inspect/outcomes.ts'),
    ])
    const terms = {
      channels: channel ?? null,
      outcomes: outcome ?? null,
      status: { from: status?.gte ?? null, until: status?.lt ?? (status?.lte === undefined ? null : status.lte + 1) },
    }
    const seen = new Map<string, number>()
    const beginMs = (await databaseClock(db)) - since
    let endedMs = beginMs
    for (;;) {
      const fromMs = Math.max(beginMs, endedMs - OVERLAP_MS)
      const [, rows] = await inTransaction(db, [
        avoidTableScan(db),
        tailAttempts(db, terms, fromMs, [...seen.keys()], PAGE),
      ])
      for (const row of rows) {
        if (json) printJson(rowOf(row))
        else printText(lineOf(row))
        seen.set(`${row.requestId}/${row.number}`, row.endedAtMs)
        endedMs = Math.max(endedMs, row.endedAtMs)
      }
      for (const [key, atMs] of seen) if (atMs < endedMs - OVERLAP_MS) seen.delete(key)
      if (rows.length < PAGE) await sleep(EVERY_MS, undefined, { signal }).catch(() => {})
      signal.throwIfAborted()
    }
  })
}

function rowOf({ endedAtMs, ...row }: TailRow): object {
  return { endedAt: new Date(endedAtMs), ...row }
}

function lineOf({
  endedAtMs,
  outcome,
  status,
  errorCode,
  durationMs,
  channel,
  method,
  url,
  requestId,
  number,
}: TailRow): string {
  const result = errorCode ?? status
  const text = `${result === null ? '' : ` ${result}`}  ${durationText(durationMs)}  ${channel}  ${method} ${url}  ${requestId} #${number}`
  return `${new Date(endedAtMs).toISOString()}  ${styleState(outcome)}${oneLine(text)}`
}
