import { expect, it } from 'vitest'
import { timeByArea } from '../../bench/harness/profile.ts'
import { isClaim, StatementLog } from '../../bench/harness/statement-log.ts'
import { Arrivals } from '../../bench/processes/arrivals.ts'
import { RequestReader } from '../../bench/processes/request-reader.ts'

const post = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`

it.each([
  { name: 'one in one piece', pieces: [post('/1', 'abc')], paths: ['/1'] },
  { name: 'head and body apart', pieces: [post('/1', 'abc').slice(0, -3), 'abc'], paths: ['/1'] },
  {
    name: 'a head in two pieces',
    pieces: [post('/1', 'abc').slice(0, 20), post('/1', 'abc').slice(20)],
    paths: ['/1'],
  },
  { name: 'two in one piece', pieces: [post('/1', 'abc') + post('/2', '')], paths: ['/1', '/2'] },
  { name: 'no body', pieces: ['GET /3 HTTP/1.1\r\nhost: x\r\n\r\n'], paths: ['/3'] },
  { name: 'half a body', pieces: [post('/1', 'abc').slice(0, -1)], paths: [] },
])('the reader of requests reads $name', ({ pieces, paths }) => {
  const read: string[] = []
  const reader = new RequestReader((path) => read.push(path))
  for (const piece of pieces) reader.read(Buffer.from(piece))
  expect(read).toEqual(paths)
})

it('arrivals are counted by id', async () => {
  const arrivals = new Arrivals(4)
  const third = arrivals.reached(3)
  expect([0, 1, 1, 9].map((id) => arrivals.add(id))).toEqual([0, 0, 1, 0])
  expect(await third).toBeGreaterThan(0)
  expect(arrivals.report(() => 1)).toEqual({ total: 3, missing: 2, duplicates: 1, unknown: 1 })
  expect(arrivals.report((id) => (id === 1 ? 2 : 0))).toEqual({ total: 3, missing: 0, duplicates: 1, unknown: 1 })
})

it('the log of statements adds up what a statement took and keeps its text', () => {
  const log = new StatementLog()
  const lines = [
    '7 bench LOG:  duration: 0.5 ms  parse <unnamed>: SELECT 1',
    '8 other LOG:  duration: 4.0 ms  statement: BEGIN',
    '7 bench LOG:  duration: 0.25 ms  bind <unnamed>: SELECT 1',
    '7 bench LOG:  duration: 2 ms  execute <unnamed>: SELECT 1,',
    '\t  2',
    '8 other LOG:  duration: 0.125 ms  execute requeuest:selectTime:5d41402abc4b2a76: SELECT 3',
    '7 bench LOG:  checkpoint starting: time',
    '\tnot of the statement',
  ]
  for (const line of lines) log.read(line)
  expect(log.take()).toEqual([
    { database: 'other', ms: 4, text: 'BEGIN' },
    { database: 'bench', ms: 2.75, text: 'SELECT 1,\n  2' },
    { database: 'other', ms: 0.125, text: 'SELECT 3' },
  ])
  expect(log.take()).toEqual([])
})

it.each([
  { claim: true, text: 'WITH /* requeuest:claimRequests */ RECURSIVE …' },
  { claim: false, text: 'UPDATE /* requeuest:releaseClaims */ requeuest_request …' },
  { claim: false, text: 'SELECT id FROM x FOR UPDATE SKIP LOCKED' },
])('the log of statements knows whether it claims: $text', ({ claim, text }) => {
  expect(isClaim({ database: 'bench', ms: 1, text })).toBe(claim)
})

it('a profile is added up by area', () => {
  const places = [
    ['send', 'file:///app/node_modules/.cache/x/src/net/exchange.js'],
    ['run', 'file:///app/node_modules/@prisma/client/runtime/client.mjs'],
    ['write', 'node:net'],
    ['writev', ''],
    ['(idle)', ''],
    ['(garbage collector)', ''],
    ['settle', 'file:///app/node_modules/.cache/x/src/net/other.js'],
  ] as const
  const nodes = places.map(([functionName, url], id) => ({ id, callFrame: { functionName, url } }))
  const profile = { nodes, samples: [0, 1, 2, 3, 4, 5, 6], timeDeltas: [5, 20, 30, 40, 1000, 60, 5] }
  expect(timeByArea(profile, '/app/node_modules/.cache/x')).toEqual([
    { area: 'garbage collector', microseconds: 60 },
    { area: 'native writev', microseconds: 40 },
    { area: 'node', microseconds: 30 },
    { area: '@prisma/client', microseconds: 20 },
    { area: 'src/net', microseconds: 10 },
  ])
})
