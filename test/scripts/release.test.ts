import { expect, test } from 'vitest'
import { changelogProblems, machinePaths, packProblems } from '../../scripts/release/problems.ts'

const changelog = '# Changelog\n\n## [1.2.0] - 2027-01-31\n\n## [1.1.0] - 2026-12-01\n\n[1.2.0]: https://example.com\n'

test.each<[what: string, text: string, version: string, problem: RegExp[]]>([
  ['begins with the version', changelog, '1.2.0', []],
  ['begins with another version', changelog, '1.1.0', [/first entry is 1\.2\.0/, /\[1\.1\.0\]: leads/]],
  ['has no day', changelog.replace(' - 2027-01-31', ''), '1.2.0', [/not dated/]],
  ['has no day yet', changelog.replace('2027-01-31', 'unreleased'), '1.2.0', [/not dated: unreleased/]],
  ['has no link', changelog.replace('[1.2.0]: ', ''), '1.2.0', [/does not say where/]],
])('before a release a changelog is looked at that %s', (_, text, version, problems) => {
  const found = changelogProblems(text, version)
  expect(found).toHaveLength(problems.length)
  for (const [index, problem] of problems.entries()) expect(found[index]).toMatch(problem)
})

const manifest = {
  main: './dist/index.js',
  types: './dist/index.d.ts',
  bin: { requeuest: './dist/cli/main.js' },
  exports: { '.': { import: { default: './dist/esm.mjs' } }, './package.json': './package.json' },
}
const files = ['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json', 'prisma/schema.prisma', 'docs/guarantees.md']
const built = ['dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js', 'dist/esm.mjs']

test('before a release the package has all that its package.json names, and neither tests nor the schema engine', () => {
  expect(packProblems([...files, ...built, 'examples/audit.ts'], manifest)).toEqual([])
  expect(packProblems(files, manifest)).toEqual(built.map((file) => `it lacks ${file}`))
  const extra = ['test/results/find.test.ts', 'prisma/schema-engine.mjs', 'src/index.ts', 'bench/main.ts']
  expect(packProblems([...files, ...built, ...extra], manifest)).toEqual(extra.map((file) => `it has ${file}`))
})

test('before a release paths of a machine are found, and others are not', () => {
  const paths = [
    ['', 'home', 'ann'],
    ['', 'Users', 'ann'],
    ['C:', 'Users', 'ann'],
  ]
  const texts = [paths[0]!.join('/'), paths[1]!.join('/'), paths[2]!.join('\\')]
  for (const text of texts) expect(machinePaths('a.ts', `const a = '${text}'`)).toEqual([`a.ts: ${text}`])
  for (const text of ['https://a.example/home/ann', '/hooks/home', './root/a'])
    expect(machinePaths('a.ts', text)).toEqual([])
})
