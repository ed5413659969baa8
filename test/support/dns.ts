import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:port`, as `Resolver.setServers` takes it. */
  address: string
  /** The names of which the IPv4 addresses were asked for. */
  questions: string[]
}

const HEADER_BYTES = 12

const TYPE_A = 1
const NO_SUCH_NAME = 3

/**
 * A DNS server on loopback that answers every question for an IPv4 address with what `answer` says, and without a
 * lifetime, so that each look-up asks again. Of a name with addresses it knows no others. Only as much of RFC 1035 as that
 * takes.
 *
 * @param answer - addresses; null for no such name, undefined for no answer at all
 */
export async function startDns(
  answer: (name: string, index: number) => string[] | null | undefined,
): Promise<DnsServer> {
  const questions: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query)
    const known = answer(name, type === TYPE_A ? questions.push(name) - 1 : questions.length)
    if (known === undefined) return
    const addresses = type === TYPE_A ? (known ?? []) : []
    const header = Buffer.from(query.subarray(0, HEADER_BYTES))
    header.writeUInt16BE(0x8180 | (known === null ? NO_SUCH_NAME : 0), 2)
    header.writeUInt16BE(addresses.length, 6)
    header.fill(0, 8)
    socket.send(Buffer.concat([header, query.subarray(HEADER_BYTES, end), ...addresses.map(record)]), from.port)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const stop = async () => {
    socket.close()
    await once(socket, 'close')
  }
  return { address: `127.0.0.1:${socket.address().port}`, questions, [Symbol.asyncDispose]: stop }
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  // After the name's end come type and class.
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** The question's name, type A, class IN, no lifetime, four bytes of address. */
function record(address: string): Buffer {
  return Buffer.from([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)])
}
