import { expect, test } from 'vitest'
import { readBlocks } from '../../../src/cli/init/schema-reader.ts'

const SCHEMA = `// enum Never {
/* model Never {
} */
/// An order.
model Order { // as of 2024 }
  id      String @id @default("{ // no comment") // @map("never")
  /// Written "by hand".
  // Twice.
  parts   Json   @default("[{}]") @map("the_parts")
  // status Int @map("never")
  hidden  String @map(name: "secret")

  @@index([
    id,
    parts(ops: raw("jsonb_path_ops")), // }
  ], type: Gin)
  @@map("orders")
}
enum State {
  open   @map("OPEN")
  closed
}
`

function read(text: string) {
  return readBlocks({ path: 'x.prisma', text }).map(({ kind, name, table, entries }) => ({
    declaration: `${kind} ${name} = ${table}`,
    entries: entries.map((entry) => `${entry.name}: ${entry.type} = ${entry.column}`),
  }))
}

const EXPECTED = [
  {
    declaration: 'model Order = orders',
    entries: [
      'id: String = id',
      'parts: Json = the_parts',
      'hidden: String = secret',
      '@@index:  = @@index',
      '@@map:  = @@map',
    ],
  },
  { declaration: 'enum State = State', entries: ['open:  = OPEN', 'closed:  = closed'] },
]

test('comments and strings may hold anything, and argument lists go over several lines', () => {
  expect(read(SCHEMA)).toEqual(EXPECTED)
})

test('lines may end as on Windows, and the last not at all', () => {
  expect(read(SCHEMA.trimEnd().replaceAll('\n', '\r\n'))).toEqual(EXPECTED)
})

test('an entry knows its lines and the comments above it', () => {
  const [order] = readBlocks({ path: 'x.prisma', text: SCHEMA })
  const [, parts, , index] = order!.entries
  expect(parts!.text).toBe(SCHEMA.slice(SCHEMA.indexOf('  /// Written'), SCHEMA.indexOf('\n  // status')))
  expect(SCHEMA.slice(parts!.start, parts!.end)).toMatch(/^ {2}parts .*"\)$/)
  expect(SCHEMA.slice(index!.start, index!.end)).toMatch(/^ {2}@@index\(\[\n[\s\S]*\], type: Gin\)$/)
  expect(SCHEMA.slice(order!.end)).toMatch(/^\}\nenum State/)
  expect(order!.text).toMatch(/^\/\/\/ An order\.\nmodel Order [\s\S]*\n\}$/)
})
