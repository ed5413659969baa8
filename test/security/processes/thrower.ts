import { createContext, runInContext } from 'node:vm'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { bearer, http, Requeuest } from '../../../src/index.ts'
import { wrapClient } from '../../faults/wrapped-client.ts'
import { HOSTILE } from '../../support/hostile.ts'

/** An application whose every function throws, rejects with or returns something hostile; each hostile thing in each place. */
const { DATABASE_URL, RECEIVER_URL = '' } = process.env
const makers = Object.values(HOSTILE)

/** One of the hostile things after the other. */
function hurler(): { hurl: () => never; hurlLater: () => Promise<never>; give: () => never } {
  let turn = 0
  const give = () => makers[turn++ % makers.length]?.() as never
  const hurl = () => {
    throw give()
  }
  return { give, hurl, hurlLater: async () => hurl() }
}

const elsewhere = createContext()
const rejectElsewhere = () => runInContext('Promise.reject(new Error("elsewhere"))', elsewhere)
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: DATABASE_URL as string }) })
const requeuest = new Requeuest(prisma, {
  network: { allow: ['127.0.0.1'] },
  retry: { backoff: { base: 1, max: 1 }, maxAttempts: 1 },
  channels: {
    decided: { decide: hurler().hurl },
    'decided later': { decide: hurler().hurlLater as never },
    'decided to be something': { decide: hurler().give },
    'decided elsewhere': { decide: rejectElsewhere },
    signed: { signing: { keys: hurler().hurl } },
    'signed later': { signing: { keys: hurler().hurlLater } },
    'signed with something': { signing: { keys: hurler().give } },
    'signed elsewhere': { signing: { keys: rejectElsewhere } },
  },
})
const origins = new URL(RECEIVER_URL).origin
const RENDERERS = {
  rendered: hurler().hurl,
  'rendered-later': hurler().hurlLater,
  'rendered-something': hurler().give,
  'rendered-elsewhere': rejectElsewhere,
  token: bearer({ origins, token: hurler().hurl }),
  'token-later': bearer({ origins, token: hurler().hurlLater }),
  'token-something': bearer({ origins, token: hurler().give }),
  'token-elsewhere': bearer({ origins, token: rejectElsewhere }),
}
for (const [name, renderer] of Object.entries(RENDERERS)) requeuest.renderer(name, renderer)

for (const name of ['attempt', 'delivered', 'failed', 'error', 'warning'] as const) {
  requeuest.on(name, hurler().hurl).on(name, hurler().hurlLater).on(name, hurler().give).on(name, rejectElsewhere)
}

/** Each request's handler fails once. */
const handled = new Set<string>()
const { hurl, hurlLater } = hurler()
for (const [channel, fail] of [
  ['handled', hurl],
  ['handled later', hurlLater],
] as const) {
  requeuest.onSettled(channel, ({ request }) => (handled.size < handled.add(request.id).size ? fail() : undefined))
}

const DECIDED = ['decided', 'decided later', 'decided to be something', 'decided elsewhere']
const SIGNED = ['signed', 'signed later', 'signed with something', 'signed elsewhere']
const PLAIN = [...DECIDED, ...SIGNED, 'handled', 'handled later']

await requeuest.start({ channels: 'all' })
const ids: string[] = []
for (const channel of PLAIN)
  ids.push(
    ...(await requeuest.spawnMany(
      channel,
      makers.map(() => RECEIVER_URL),
    )),
  )
for (const render of Object.keys(RENDERERS)) {
  const requests = makers.map(() => ({ render, args: { url: RECEIVER_URL } }))
  ids.push(...(await requeuest.spawnMany('rendered', requests)))
}
const ends = await Promise.allSettled(ids.map((id) => requeuest.waitFor(id)))
const delivered = ends.filter(({ status }) => status === 'fulfilled').length
console.log(`${ids.length} final, ${delivered} delivered`)
while ((await prisma.httpRequest.count({ where: { handlerDueAt: { not: null } } })) > 0) {
  await prisma.$executeRaw`UPDATE requeuest_request SET handler_due_at = now() WHERE handler_due_at IS NOT NULL`
}
console.log(`${handled.size} handled`)

// What is passed in.
let refused = 0
const isRefused = async (spawn: () => Promise<unknown>) => {
  refused += await spawn().then(
    () => 0,
    () => 1,
  )
}
for (const make of makers) {
  const fail = () => {
    throw make()
  }
  const stream = { [Symbol.asyncIterator]: () => ({ next: fail, return: fail }) }
  const readable = new ReadableStream({ pull: fail })
  const list = { [Symbol.iterator]: fail }
  const getter = (name: string) => Object.defineProperty({}, name, { get: fail, enumerable: true })
  await isRefused(() => requeuest.spawn('a', http.post(RECEIVER_URL, { body: stream })))
  await isRefused(() => requeuest.spawn('a', http.post(RECEIVER_URL, { body: readable })))
  await isRefused(() => requeuest.spawn('a', http.post(RECEIVER_URL, { headers: list })))
  await isRefused(() => requeuest.spawn('a', http.post(RECEIVER_URL, { json: { toJSON: fail } })))
  await isRefused(() => requeuest.spawn('a', getter('url') as never))
  await isRefused(() => requeuest.spawn('a', RECEIVER_URL, getter('priority')))
  await isRefused(() => requeuest.spawnMany('a', [{ request: RECEIVER_URL, options: getter('priority') }]))
  await isRefused(() => requeuest.spawn('a', RECEIVER_URL, { tx: getter('$executeRaw') as never }))
  await isRefused(() => requeuest.redrive({ channel: 'signed' }, { dryRun: true, onProgress: fail }))
  await isRefused(() => requeuest.redrive({ channel: 'signed' }, { dryRun: true, onProgress: async () => fail() }))
}
console.log(`${refused} refused`)
await requeuest.stop()

// A client whose extensions throw, and a connection to listen with that cannot be made.
const { hurlLater: fail } = hurler()
let failures = 0
const failing = wrapClient(prisma, ({ nth, run }) => {
  const fails = nth % 2 === 0 && failures++ < 100
  return fails ? fail() : run()
})
const shaky = new Requeuest(failing, { network: { allow: ['127.0.0.1'] } })
for (const listen of [hurler().hurl, hurler().hurlLater, hurler().give] as (() => never)[]) {
  const terms = { channels: ['shaky'], listen }
  await shaky.start(terms).catch(() => shaky.start(terms))
  const id = await requeuest.spawn('shaky', RECEIVER_URL)
  await shaky.waitFor(id)
  await shaky.stop()
}
console.log('delivered in spite of a hundred failures')
await prisma.$disconnect()
