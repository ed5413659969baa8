// Requests signed according to Standard Webhooks, key rotation, and a receiver that verifies.
// In an app: import { http, Requeuest } from 'requeuest'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { http, Requeuest } from '../src/index.ts'
import { prisma } from './shared/app.ts'

const old = `whsec_${randomBytes(32).toString('base64')}`
const young = `whsec_${randomBytes(32).toString('base64')}`

// A receiver that does not have the new key yet.
const server = createServer(async (request, response) => {
  const body = await text(request)
  try {
    console.log('verified', new Webhook(old).verify(body, request.headers as Record<string, string>))
  } catch (error) {
    console.log('refused:', (error as Error).message)
    response.statusCode = 401
  }
  response.end()
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

for (const keys of [[old], [young, old], [young]]) {
  const channels = { hooks: { signing: { keys } } }
  await using requeuest = new Requeuest(prisma, { channels, network: { allow: ['127.0.0.1'] } })
  await requeuest.start({ channels: ['hooks'] })
  const invoice = http.post(url, { json: { type: 'invoice.paid', cents: 9900 } })
  const { status } = await requeuest.spawnReturning('hooks', invoice, { accept: ['2xx', 401] })
  console.log(`signed with ${keys.length}: ${status}`)
}

server.close()
await prisma.$disconnect()
