import { expect, test } from 'vitest'
import { Requeuest } from '../../src/index.ts'
import { addEffect, createEffects, effectsIn } from '../handlers/effects.ts'
import { connect, freshDatabase, receiverOf } from '../support/fixture.ts'
import { describeFaults, type Fault, hits, runWith } from './faults.ts'
import { startPostgresProxy } from './postgres-proxy.ts'
import { until } from './until.ts'
import { wrapClient } from './wrapped-client.ts'

/** Every call that is made on behalf of a handler; `inOpenTransaction` is its transaction as a whole. */
const EVERY_CALL = [
  'clearHandling',
  'findDueHandling',
  'inOpenTransaction',
  'limitTransaction',
  'postponeHandling',
  'registerHandlers',
  'selectDecidingAttempt',
  'selectRequest',
  'settleClaims',
  'takeDueHandling',
]
/** What is done to a call. COMMIT is Prisma's own, so a transaction as a whole cannot be cut off in it. */
const waysOf = (name: string): Fault['way'][] =>
  name === 'inOpenTransaction' ? ['refused', 'unanswered'] : ['refused', 'unanswered', 'cut']

/** Two requests whose handler fails at first, with faults. Says how often each call was made and what is wrong then. */
async function play(faults: readonly Fault[]) {
  const url = await freshDatabase()
  const prisma = connect(url)
  await createEffects(prisma)
  const proxy = await startPostgresProxy(url)
  const real = faults.some(({ way }) => way === 'cut') ? connect(proxy.url, { max: 5 }) : prisma
  const receiver = await receiverOf()
  const counts = new Map<string, number>()
  let befallen = 0
  const faulty = wrapClient(real, (call) => {
    counts.set(call.name, call.nth)
    befallen += faults.filter((fault) => hits(fault, call)).length
    return runWith(faults, call)
  })
  const requeuest = new Requeuest(faulty, {
    ...{ network: { allow: ['127.0.0.1'] }, retry: { backoff: { base: 10, factor: 1, jitter: 'none' } } },
  })
  let runs = 0
  requeuest.on('error', () => {})
  requeuest.onSettled('a', async ({ tx, request }) => {
    await addEffect(tx, request)
    if (++runs < 4) throw new Error('no luck')
  })
  const start = () => requeuest.start({ channels: ['a'] })
  await start().catch(start)
  const data = [1, 2].map((nth) => ({ channel: 'a', url: `${receiver.url}/${nth}` }))
  const ids = (await prisma.httpRequest.createManyAndReturn({ data })).map(({ id }) => id)
  await until(() =>
    prisma.httpRequest.count({ where: { state: 'delivered', handlerDueAt: null } }).then((n) => n === 2),
  )
  await requeuest.stop()
  const effects = await effectsIn(prisma)
  const sent = receiver.requests.length
  await proxy.stop()
  const wrong = [
    ...ids.filter((id) => effects[id]?.length !== 1).map((id) => `the effects of ${id} are ${effects[id]}`),
    ...(sent === 2 ? [] : [`${sent} were sent`]),
    ...(befallen === faults.length ? [] : ['it never came to the fault']),
  ]
  return { counts, wrong }
}

test('whichever call of a handler fails, before or after it has run, its effects are there once', async () => {
  const clean = await play([])
  expect(clean.wrong).toEqual([])
  expect([...clean.counts.keys()].filter((name) => EVERY_CALL.includes(name)).sort()).toEqual(EVERY_CALL)
  const plans = EVERY_CALL.flatMap((name) => {
    const nths = Array.from({ length: Math.min(clean.counts.get(name) ?? 0, 3) }, (_, index) => index + 1)
    return nths.flatMap((nth) => waysOf(name).map((way) => ({ name, nth, way })))
  })
  const wrong: string[] = []
  async function work() {
    for (let plan = plans.shift(); plan !== undefined; plan = plans.shift()) {
      const result = await play([plan]).catch((error: unknown) => ({ wrong: [String(error)] }))
      wrong.push(...result.wrong.map((text) => `${describeFaults([plan as Fault])}: ${text}`))
    }
  }
  await Promise.all([work(), work(), work()])
  expect(wrong).toEqual([])
}, 240_000)
