// Receivers behind a proxy, configured per channel.
// In an app: import { Requeuest } from 'requeuest'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

// Simulates a proxy that resolves a name which this machine cannot. Yours should refuse internal addresses.
const proxy = createServer().on('connect', (request, client) => {
  console.log('tunnel to', request.url)
  const target = connect(Number(new URL(receiver).port), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    target.pipe(client).pipe(target)
  })
  target.on('error', () => client.destroy())
  client.on('error', () => target.destroy())
})
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
const { port } = proxy.address() as AddressInfo

const requeuest = new Requeuest(prisma, {
  network,
  channels: { partners: { proxy: `http://127.0.0.1:${port}` } },
})
await requeuest.start({ channels: 'all' })
console.log('by the proxy:', (await requeuest.spawnReturning('partners', 'http://partner.example/orders')).text())
console.log('directly:', (await requeuest.spawnReturning('own', `${receiver}/orders`)).text())
await requeuest.stop()
proxy.close()

await prisma.$disconnect()
