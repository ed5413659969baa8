import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { RequestFailedError, Requeuest } from '../../src/index.ts'
import type { DemoArguments } from './arguments.ts'
import { showAttempts } from './attempts.ts'
import { openDatabase } from './database.ts'
import { showHistory } from './history.ts'
import { paint, say } from './output.ts'
import type { App } from './scenario.ts'
import { startStory } from './story.ts'
import { toUrls } from './urls.ts'

/** Every request has expired by then. */
const DEADLINE_MS = 14_000

/** Runs the demo to its end. Returns whether everything arrived. */
export async function run({ urls, databaseUrl }: DemoArguments, interrupted: AbortSignal): Promise<boolean> {
  await using database = await openDatabase(databaseUrl, interrupted)
  interrupted.throwIfAborted()
  await using scenario = urls.length > 0 ? toUrls(urls) : await startStory()
  const { prisma } = database
  const requeuest = new Requeuest(prisma, scenario.options)
  const app = { prisma, requeuest, channel: `demo-${randomUUID().slice(0, 8)}` }
  const labels = new Map<string, string>()
  showAttempts(requeuest, labels)
  requeuest.on('error', (error) => interrupted.aborted || say(paint('red', `error: ${error.message}`)))
  requeuest.on('warning', ({ message }) => say(paint('yellow', `warning: ${message}`)))

  try {
    await requeuest.start({ channels: [app.channel], concurrency: scenario.concurrency })
    await scenario.spawn(app, (id, label) => labels.set(id, label))
    const problems = [...(await awaitAll(app, labels, interrupted)), ...scenario.check()]
    await requeuest.stop()
    await showHistory(prisma, app.channel)
    say()
    for (const problem of problems) say(paint('red', problem))
    if (problems.length === 0) say(paint('green', scenario.success))
    if (databaseUrl) say(`The rows stay in your database: channel '${app.channel}'.`)
    return problems.length === 0
  } finally {
    await windUp(app)
  }
}

/** Waits until every request is final. Returns the failures. */
async function awaitAll(
  { requeuest }: App,
  labels: ReadonlyMap<string, string>,
  interrupted: AbortSignal,
): Promise<string[]> {
  const waits = [...labels].map(async ([id, label]) => {
    try {
      await requeuest.waitFor(id, { signal: interrupted, timeout: DEADLINE_MS })
      return []
    } catch (error) {
      interrupted.throwIfAborted()
      const attempt = (await requeuest.find(id, { attempts: { last: 1 } }))?.attempts.at(-1)
      const last = attempt?.errorMessage ?? (attempt?.status ? `status ${attempt.status}` : 'no attempt')
      const reason = error instanceof RequestFailedError ? `${error.failureCode}, last attempt: ${last}` : String(error)
      return [`${label} failed: ${reason}`]
    }
  })
  return (await Promise.all(waits)).flat()
}

/**
 * Stops the worker at once and cancels what it leaves. Ctrl-C reaches the demo's own Postgres as well, so the
 * database may be gone by now; then there is nothing to cancel.
 */
async function windUp({ requeuest, channel }: App): Promise<void> {
  const stopped = requeuest.stop({ timeout: 0 }).then(() => requeuest.clear({ channel }))
  await Promise.race([stopped.catch(() => {}), sleep(2000, undefined, { ref: false })])
}
