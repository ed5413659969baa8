// Ten thousand requests in one call, all or none, some with their own options.
// In an app: import { http, Requeuest, type SpawnManyItem } from 'requeuest'
import { http, Requeuest, type SpawnManyItem } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })
const letters = Array.from({ length: 10_000 }, (_, customer): SpawnManyItem => {
  const request = http.post(`${receiver}/letters`, { json: { customer } })
  return { request, options: { dedupe: { key: `customer-${customer}` }, priority: customer < 10 ? 0 : 5 } }
})
const abandon = async (tx: Parameters<Parameters<typeof prisma.$transaction>[0]>[0]) => {
  await requeuest.spawnMany('letters', letters, { tx, delay: '1h' })
  throw new Error('not today')
}
await prisma.$transaction(abandon, { timeout: 60_000 }).catch((error: Error) => console.log(error.message))
console.log('rolled back:', await prisma.httpRequest.count())

const ids = await requeuest.spawnMany('letters', letters, { delay: '1h' })
console.log('spawned:', await prisma.httpRequest.count())
console.log('urgent:', await prisma.httpRequest.count({ where: { priority: 0 } }))

// Spawning the same keys again returns the same requests.
const again = await requeuest.spawnMany('letters', letters)
console.log('again:', again[17] === ids[17], await prisma.httpRequest.count())

// If one request is invalid, none is written.
const wrong = { request: 'ftp://example.com/', options: {} }
await requeuest.spawnMany('others', [...letters, wrong]).catch((error: Error) => console.log(error.message))
console.log('all in all:', await prisma.httpRequest.count())

await prisma.$disconnect()
