import { http } from '../../src/index.ts'
import { type Answer, type ReceivedRequest, startReceiver } from '../../test/support/receiver.ts'
import { say, sayStep } from './output.ts'
import type { App, Scenario } from './scenario.ts'

const ANSWERS: Answer[] = [{ status: 503 }, { how: 'hang' }, { how: 'reset' }]
const ACCEPTED: Answer = { headers: { 'content-type': 'application/json' }, body: '{"invoice":17,"paid":true}' }

/** A receiver that refuses invoices three times, and an app that spawns in transactions. */
export async function startStory(): Promise<Scenario> {
  let invoices = 0
  const receiver = await startReceiver(({ url }) => (url === '/invoices' && ANSWERS[invoices++]) || ACCEPTED)
  const arrived = (path: string) => receiver.requests.filter(({ url }) => url === path)
  sayStep('receiver', `${receiver.url} refuses three times: 503, silence, a reset`)

  return {
    options: {
      network: { allow: [`127.0.0.1:${receiver.port}`] },
      timeout: '1s',
      retry: { backoff: { base: '300ms', factor: 2, jitter: 'none' } },
      expiresAfter: '9s',
    },
    concurrency: 10,
    success: 'Every committed request arrived; the one that was rolled back was never sent.',
    spawn: (app, spawned) => spawnInTransactions(app, receiver.url, spawned),
    check: () => [
      ...complain(arrived('/rolled-back').length === 0, 'The request of the rolled-back transaction was sent.'),
      ...complain(arrived('/invoices').length >= 4, 'The receiver saw fewer attempts than it takes.'),
      ...complain(
        haveOneKey(arrived('/invoices')),
        'The attempts of one request came with different Idempotency-Keys.',
      ),
    ],
    [Symbol.asyncDispose]: receiver.stop,
  }
}

async function spawnInTransactions(
  { prisma, requeuest, channel }: App,
  receiver: string,
  spawned: (id: string, label: string) => void,
): Promise<void> {
  await prisma.$transaction(async (tx) => {
    const invoice = http.post(`${receiver}/invoices`, { json: { customer: 42, cents: 9900 } })
    spawned(await requeuest.spawn(channel, invoice, { tx }), 'POST /invoices')
    spawned(await requeuest.spawn(channel, http.put(`${receiver}/customers/42`), { tx }), 'PUT /customers/42')
  })
  sayStep('committed', 'POST /invoices and PUT /customers/42, spawned in one transaction')

  const failure = new Error('the order was refused after all')
  const rolledBack = prisma.$transaction(async (tx) => {
    await requeuest.spawn(channel, http.post(`${receiver}/rolled-back`), { tx })
    throw failure
  })
  await rolledBack.catch((error) => {
    if (error !== failure) throw error
  })
  sayStep('rolled back', 'POST /rolled-back, spawned in a transaction that threw')
  say()
}

function haveOneKey(requests: ReceivedRequest[]): boolean {
  return new Set(requests.map(({ headers }) => headers['idempotency-key'])).size === 1
}

function complain(isFine: boolean, problem: string): string[] {
  return isFine ? [] : [problem]
}
