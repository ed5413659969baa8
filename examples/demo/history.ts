import Table from 'cli-table3'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { paintOutcome, say, shorten, timeOfDay, timeZone } from './output.ts'

/** The history as any app reads it: typed rows, through its own Prisma client. */
export async function showHistory(prisma: PrismaClient, channel: string): Promise<void> {
  const requests = await prisma.httpRequest.findMany({
    where: { channel },
    include: { attempts: { orderBy: { number: 'asc' } } },
    orderBy: { id: 'asc' },
  })
  const table = new Table({
    head: ['request', 'state', 'try', 'started', 'took', 'outcome', 'status', 'error or response body'],
    style: { head: [], border: [], compact: true },
  })
  for (const { method, url, state, failureCode, attempts } of requests) {
    const request = `${method} ${new URL(url).pathname}`
    const outcome = paintOutcome(state, failureCode ? `${state}: ${failureCode}` : state)
    if (attempts.length === 0) table.push([shorten(request, 30), outcome, '', '', '', '', '', ''])
    for (const attempt of attempts) {
      const isFirst = attempt.number === attempts[0]?.number
      table.push([
        isFirst ? shorten(request, 30) : '',
        isFirst ? outcome : '',
        attempt.number,
        timeOfDay(attempt.startedAt),
        `${attempt.durationMs} ms`,
        paintOutcome(attempt.outcome),
        attempt.status ?? '',
        attempt.errorCode ?? shorten(oneLine(attempt.body), 30),
      ])
    }
  }
  say(`\nprisma.httpRequest.findMany({ include: { attempts: true } }), times in ${timeZone()}:`)
  say(table.toString())
}

function oneLine(body: Uint8Array | null): string {
  return new TextDecoder().decode(body ?? new Uint8Array()).replace(/[\s\p{C}]+/gu, ' ')
}
