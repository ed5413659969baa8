import type { PrismaClient } from '../../generated/prisma/client.ts'
import { type Arrival, scriptOf } from './scripted-receiver.ts'

/** What happened, as those saw it who are not the library. */
export interface Story {
  /** The requests whose spawn was acknowledged. */
  acknowledged: string[]
  /** What the receiver saw, in its order. */
  arrivals: Arrival[]
  /** Ids of requests whose answer was lost, so that they are sent once more than their script says. */
  doubled?: ReadonlySet<string>
  /** Ids of requests of which an attempt began that never arrived. */
  unsent?: ReadonlySet<string>
}

type Row = Awaited<ReturnType<typeof readRequests>>[number]

/** Everything that the promises forbid and that is so nevertheless, when all should be over. */
export async function findViolations(prisma: PrismaClient, story: Story): Promise<string[]> {
  const rows = await readRequests(prisma)
  const known = new Set(rows.map((row) => row.id))
  return [
    ...story.acknowledged.filter((id) => !known.has(id)).map((id) => `${id} was acknowledged and is gone`),
    ...story.arrivals.filter(({ id }) => !known.has(id)).map(({ id }) => `${id} arrived and is not in the table`),
    ...rows.flatMap((row) =>
      [...findUnfinished(row), ...findUntrue(row, story), ...findUnasked(row, story)].map(of(row)),
    ),
    ...findOutOfOrder(rows, story),
    ...(await findStandingLines(prisma)),
    ...(await findUnfired(prisma)),
  ]
}

function readRequests(prisma: PrismaClient) {
  return prisma.httpRequest.findMany({
    include: { attempts: { orderBy: { number: 'asc' } } },
    orderBy: [{ createdAt: 'asc' }, { orderSeq: 'asc' }],
  })
}

function of(row: Row) {
  return (text: string) => `${new URL(row.url).pathname} (${row.id}) ${text}`
}

function findUnfinished(row: Row): string[] {
  const wrong: string[] = []
  if (!['delivered', 'failed', 'cancelled'].includes(row.state)) wrong.push(`is still ${row.state}`)
  if (row.claimedBy !== null || row.leaseUntil !== null) wrong.push(`is held by ${row.claimedBy}`)
  if (row.unblockDue) wrong.push('still has the next of its line to unblock')
  const accepted = row.attempts.some((attempt) => attempt.outcome === 'accepted')
  if ((row.state === 'delivered') !== accepted) wrong.push(`is ${row.state}, accepted: ${accepted}`)
  return wrong
}

/** The history against what the receiver saw. */
function findUntrue(row: Row, { arrivals, unsent }: Story): string[] {
  const wrong: string[] = []
  const numbers = row.attempts.map((attempt) => attempt.number)
  if (numbers.some((number, index) => number !== index + 1) || numbers.length !== row.attemptCount) {
    wrong.push(`counts ${row.attemptCount} attempts and has the rows ${numbers}`)
  }
  const unmatched = arrivals.filter((arrival) => arrival.id === row.id)
  for (const { number, status, body } of row.attempts.filter((attempt) => attempt.status !== null)) {
    const serial = body === null ? '' : Buffer.from(body).toString()
    const index = unmatched.findIndex((arrival) => arrival.serial === serial && arrival.status === status)
    if (index < 0)
      wrong.push(`has an attempt ${number} with status ${status} and '${serial}' that the receiver does not know`)
    else unmatched.splice(index, 1)
  }
  const abandoned = row.attempts.filter((attempt) => attempt.outcome === 'abandoned').length
  const expected = unmatched.length + (unsent?.has(row.id) ? 1 : 0)
  if (abandoned !== expected) wrong.push(`has ${abandoned} abandoned attempts instead of ${expected}`)
  return wrong
}

/** Sent neither more often nor more seldom than was needed. */
function findUnasked(row: Row, { arrivals, doubled }: Story): string[] {
  const script = row.state === 'cancelled' || row.failureCode === 'expired' ? [] : scriptOf(row.url)
  const count = arrivals.filter((arrival) => arrival.id === row.id).length
  const expected = script.length + (doubled?.has(row.id) ? 1 : 0)
  return count === expected ? [] : [`was sent ${count} times instead of ${expected}`]
}

/** In a line, nothing is sent before the one before it is over. */
function findOutOfOrder(rows: Row[], { arrivals }: Story): string[] {
  const keys = new Set(rows.flatMap((row) => row.orderKey ?? []))
  return [...keys].flatMap((key) => {
    const places = new Map(rows.filter((row) => row.orderKey === key).map((row, place) => [row.id, place]))
    const sent = arrivals.flatMap(({ id }) => places.get(id) ?? [])
    const inOrder = sent.every((place, index) => index === 0 || place >= sent[index - 1]!)
    return inOrder ? [] : [`the line ${key} was sent in the order ${sent}`]
  })
}

async function findStandingLines(prisma: PrismaClient): Promise<string[]> {
  const lines = await prisma.httpLine.findMany()
  return lines.map((line) => `the line ${line.channel}/${line.orderKey} stands, held by ${line.heldById}`)
}

/** A schedule that was due has spawned one request, and is not due any more; one that cannot fire says so. */
async function findUnfired(prisma: PrismaClient): Promise<string[]> {
  const schedules = await prisma.httpSchedule.findMany()
  const wrong = schedules.map(async ({ name, cron, nextRunAt, problem }) => {
    const fired = await prisma.httpRequest.count({ where: { schedule: name } })
    const isDone = cron.startsWith('@')
      ? fired === 1 && Number(nextRunAt) > Date.now()
      : fired === 0 && problem !== null
    return isDone ? [] : [`the schedule ${name} has fired ${fired} times, will at ${nextRunAt}, and says ${problem}`]
  })
  return (await Promise.all(wrong)).flat()
}
