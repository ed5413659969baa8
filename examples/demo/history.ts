import Table from 'cli-table3'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { paintOutcome, say, shorten, timeOfDay, timeZone } from './output.ts'

/** Shows the history as any app reads it: typed rows, through its own Prisma client. */
export async function showHistory(prisma: PrismaClient, channel: string): Promise<void> {
  const requests = await prisma.httpRequest.findMany({
    where: { channel },
    include: { attempts: { orderBy: { number: 'asc' } } },
    orderBy: { id: 'asc' },
  })
  const table = new Table({
    head: ['#', 'started', 'ms', 'outcome', 'answer'],
    style: { head: [], border: [], compact: true },
  })
  for (const { method, url, state, failureCode, attempts } of requests) {
    const outcome = paintOutcome(state, failureCode ? `${state}: ${failureCode}` : state)
    table.push([{ colSpan: 5, content: `${shorten(`${method} ${new URL(url).pathname}`, 40)}  ${outcome}` }])
    for (const { number, startedAt, durationMs, outcome, status, errorCode, body } of attempts) {
      const answer = errorCode ?? shorten(`${status} ${oneLine(body)}`, 30)
      table.push([number, timeOfDay(startedAt), durationMs, paintOutcome(outcome), answer])
    }
  }
  say('\nprisma.httpRequest.findMany({ include: { attempts: true } })')
  say(`times in ${timeZone()}:`)
  say(table.toString())
}

function oneLine(body: Uint8Array | null): string {
  return new TextDecoder().decode(body ?? new Uint8Array()).replace(/[\s\p{C}]+/gu, ' ')
}
