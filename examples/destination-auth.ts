// A token from an OAuth 2.0 token endpoint: cached until it expires, and renewed when the receiver refuses it.
// In an app: import { http, oauth2ClientCredentials, Requeuest } from 'requeuest'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { http, oauth2ClientCredentials, Requeuest } from '../src/index.ts'
import { prisma } from './shared/app.ts'

async function serve(answer: RequestListener) {
  const server = createServer(answer).unref()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

let valid = 0
const id = await serve((_, response) => {
  console.log(`  token ${++valid} is given`)
  response.end(JSON.stringify({ access_token: `token-${valid}`, token_type: 'Bearer', expires_in: 3600 }))
})
const crm = await serve(({ url, headers }, response) => {
  response.writeHead(headers.authorization === `Bearer token-${valid}` ? 200 : 401).end()
  console.log(`  ${url} answers ${response.statusCode}`)
})

const auth = { tokenUrl: `${id}/token`, clientId: 'shop', clientSecret: 'a secret', origins: crm }
const requeuest = new Requeuest(prisma, { network: { allow: ['127.0.0.1'] } })
requeuest.renderer('crm', oauth2ClientCredentials(auth))
requeuest.renderer<number>(
  'contact',
  oauth2ClientCredentials(auth, ({ args }) => http.put(`${crm}/contacts/${args}`)),
)
await requeuest.start({ channels: ['crm'] })

console.log(`attempt ${(await requeuest.spawnReturning('crm', { render: 'crm', args: { url: `${crm}/a` } })).attempts}`)
valid++ // The token is revoked.
console.log(`attempt ${(await requeuest.spawnReturning('crm', { render: 'crm', args: { url: `${crm}/b` } })).attempts}`)
console.log(`attempt ${(await requeuest.spawnReturning('crm', { render: 'contact', args: 17 })).attempts}`)

await requeuest.stop()
await prisma.$disconnect()
