import { createServer, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/** One server that is many hosts, since all of 127.0.0.0/8 is this machine. */
const MEGABYTE = 1024 * 1024

/** What a receiver can do to a sender, one after another by path. */
const ATTACKS: ((response: ServerResponse) => void)[] = [
  () => {},
  (response) => drip(response, () => response.write('.')),
  (response) => drip(response, () => response.writeProcessing()),
  (response) => flood(response, Buffer.alloc(MEGABYTE)),
  (response) => flood(response.setHeader('content-encoding', 'gzip'), gzipSync(Buffer.alloc(16 * MEGABYTE))),
  (response) => {
    for (let name = 0; name < 200; name++) response.setHeader(`x-${name}`, 'x'.repeat(1000))
    response.end()
  },
]

function drip(response: ServerResponse, drop: () => void): void {
  const timer = setInterval(drop, 200)
  response.on('close', () => clearInterval(timer))
}

/** Gigabytes, as fast as they are taken. */
function flood(response: ServerResponse, chunk: Buffer): void {
  const write = () => {
    if (!response.destroyed && response.write(chunk)) setImmediate(write)
  }
  response.on('drain', write)
  write()
}

const server = createServer((request, response) => {
  ATTACKS[Number(request.url?.slice(1)) % ATTACKS.length]!(response)
})
server.listen(Number(process.env['PORT']), '0.0.0.0', 1000, () => process.stdout.write('started\n'))
