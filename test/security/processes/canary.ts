import { inspect } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { http, Requeuest, type RequeuestEventName, type RequeuestOptions } from '../../../src/index.ts'

/**
 * An app that gives away secrets wherever one can be given, in ways that work and in ways that fail, and logs every event,
 * warning and error as deeply as it can.
 */
const env = (name: string) => process.env[name] as string
const url = env('RECEIVER_URL')
const adapter = new PrismaPg({ connectionString: env('DATABASE_URL'), options: '-c timezone=UTC' })
const prisma = new PrismaClient({ adapter })

const log = (what: unknown) => console.log(inspect(what, { depth: Number.POSITIVE_INFINITY, showHidden: true }))
process.on('warning', log)

const events: RequeuestEventName[] = ['attempt', 'delivered', 'failed', 'claimLost', 'rescued', 'error', 'warning']
function create(options: RequeuestOptions): Requeuest {
  const backoff = { base: 1, factor: 1 }
  const common = { network: { allow: ['127.0.0.1'] }, retry: { backoff, maxAttempts: 2 }, redactHeaders: ['x-own'] }
  const requeuest = new Requeuest(prisma, { ...common, ...options })
  for (const name of events) requeuest.on(name, log)
  return requeuest
}

async function failing(what: string, work: () => unknown): Promise<void> {
  try {
    await work()
    throw new Error(`${what} did not fail`)
  } catch (error) {
    log(error)
    log(JSON.stringify(error))
  }
}

const headers = {
  authorization: 'Bearer canary-authorization',
  cookie: 'session=canary-cookie',
  'x-api-key': 'canary-api-key',
  'x-own': 'canary-own-header',
}
const letter = (to: string) => http.post(to, { headers, json: { card: 'canary-body' } })
const key = Buffer.from('canary-encryption-key-32-bytes!!')
const encryption = { keys: { k1: key }, current: 'k1' }

const requeuest = create({ encryption, timeout: 500 })
await requeuest.start({ channels: ['a'] })
await requeuest.spawnReturning('a', letter(`${url}/accepted?token=canary-query`))
const accepted = await requeuest.spawn('a', letter(`${url}/accepted`))
await requeuest.waitFor(accepted)
log(await requeuest.find(accepted))
for (const path of ['rejected', 'hang', 'reset', 'garbage']) {
  await failing(path, () => requeuest.spawnReturning('a', letter(`${url}/${path}?token=canary-query`)))
}
await failing('nobody there', () => requeuest.spawnReturning('a', letter('http://127.0.0.1:1/?token=canary-query')))
await failing('blocked', () => requeuest.spawnReturning('a', letter('http://10.0.0.1/?token=canary-query')))
await failing('timeout', () =>
  requeuest.waitFor(accepted, { timeout: 0 }).then(() => Promise.reject(new Error('in time'))),
)

// What is refused at the door.
const bad: [string, unknown][] = [
  ['user in the URL', letter('http://user:canary-password@example.com/')],
  ['a header that cannot be sent', { url, headers: { 'x-own': 'canary-own-header\n' } }],
  ['a header without a value', { url, headers: [['authorization: canary-authorization']] }],
  ['a body that is none', { url, body: { card: 'canary-body' } }],
  ['a value that JSON cannot express', { url, json: { card: 'canary-body', big: 1n } }],
  ['a body that is too large', { url, body: 'canary-body'.repeat(200_000) }],
  ['a key that is unknown', { url, authorization: 'canary-authorization' }],
]
for (const [what, request] of bad) {
  await failing(what, () => requeuest.spawn('a', request as string))
}
const options: [string, unknown][] = [
  ['proxy', { proxy: 'ftp://user:canary-password@proxy' }],
  ['tls', { tls: { cert: 'canary-certificate', key: 'canary-private-key', passphrase: 'canary-password' } }],
  ['keys', { encryption: { keys: { k1: 'canary-encryption-key' }, current: 'k1' } }],
]
for (const [what, of] of options) await failing(what, () => create(of as RequeuestOptions))

// What the database refuses, with and without encryption.
await prisma.$executeRaw`ALTER TABLE requeuest_request ADD CONSTRAINT no_b CHECK (channel <> 'b')`
await failing('the database', () => requeuest.spawn('b', letter(url)))
await failing('the database, plain', () => create({}).spawn('b', letter(url)))
await failing('a transaction that is over', async () => {
  const over = await prisma.$transaction(async (tx) => tx)
  await requeuest.spawn('a', letter(url), { tx: over })
})
await failing('another key', () =>
  create({ encryption: { keys: { k2: Buffer.alloc(32) }, current: 'k2' } }).find(accepted),
)
await failing('a changed row', async () => {
  await prisma.$executeRaw`UPDATE requeuest_request SET headers = '"AAAA"' WHERE id = ${accepted}::uuid`
  await requeuest.find(accepted)
})
await failing('a proxy that is not there', () =>
  create({ encryption })
    .spawn('p', letter(url))
    .then(async (id) => {
      const proxied = create({ encryption, proxy: 'http://user:canary-password@127.0.0.1:1' })
      await proxied.start({ channels: ['p'] })
      await proxied.waitFor(id).finally(() => proxied.stop())
    }),
)
await requeuest.stop()
await prisma.$disconnect()
console.log('done')
