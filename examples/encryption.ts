// Encrypted headers and bodies, key rotation, and decrypting rows for an audit.
// In an app: import { http, Requeuest } from 'requeuest'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { http, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

// Load keys from your secret store. `openssl rand -base64 32` creates one.
const old = randomBytes(32)
const young = randomBytes(32)

const before = new Requeuest(prisma, { network, encryption: { keys: { '2025': old }, current: '2025' } })
const headers = { authorization: 'Bearer 0123456789' }
const id = await before.spawn('salaries', http.post(`${receiver}/salaries`, { headers, json: { amount: 4000 } }))
const stored = await prisma.httpRequest.findUniqueOrThrow({ where: { id } })
console.log('stored under key', stored.encryptionKey, '- readable:', String(stored.body).includes('4000'))

// From now on new rows use the new key, and a worker re-encrypts the others.
const keys = { '2025': old, '2026': young }
const requeuest = new Requeuest(prisma, { network, encryption: { keys, current: '2026' } })
await requeuest.start({ channels: ['salaries'] })
console.log('answer', (await requeuest.waitFor(id)).status)
while ((await prisma.httpRequest.count({ where: { encryptionKey: '2025' } })) > 0) await sleep(50)
await requeuest.stop()

const row = await prisma.httpRequest.findUniqueOrThrow({ where: { id }, include: { attempts: true } })
const { body, attempts, encryptionKey } = row
console.log('now under key', encryptionKey, '- readable:', String(body).includes('4000'))
console.log('decrypted', new TextDecoder().decode(requeuest.decrypt(row).body ?? undefined))
for (const attempt of attempts) {
  console.log('its answer', new TextDecoder().decode(requeuest.decrypt(attempt).body ?? undefined))
}
console.log('found', (await requeuest.find(id))?.headers[0])

await prisma.$disconnect()
