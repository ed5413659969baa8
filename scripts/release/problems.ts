/** The parts of a package.json that say which of its files are loaded. */
interface Manifest {
  main: string
  types: string
  bin: Record<string, string>
  exports: Record<string, unknown>
}

/** What the package consists of besides its build. */
const PUBLISHED =
  /^(?:dist\/|docs\/|examples\/|prisma\/schema\.prisma$|(?:README|CHANGELOG)\.md$|LICENSE$|package\.json$)/
const ALWAYS = ['README.md', 'CHANGELOG.md', 'LICENSE', 'prisma/schema.prisma', 'docs/guarantees.md']
const MACHINE_PATH = /(?<![\w./])\/(?:home|Users|root|work|mnt)\/[\w.-]+|[A-Z]:\\Users\\\w+/g

/** Its first entry is the version with the day of its release, and links to it. */
export function changelogProblems(changelog: string, version: string): string[] {
  const [, entry, day] = /^## \[(.+?)\](?: - (.+))?$/m.exec(changelog) ?? []
  const link = `[${version}]: `
  return [
    ...(entry === version ? [] : [`its first entry is ${entry ?? 'missing'}, and the version is ${version}`]),
    ...(/^\d{4}-\d{2}-\d{2}$/.test(day ?? '') ? [] : [`its first entry is not dated: ${day ?? 'nothing'}`]),
    ...(changelog.includes(`\n${link}`) ? [] : [`it does not say where ${link}leads`]),
  ]
}

export function packProblems(files: readonly string[], { main, types, bin, exports }: Manifest): string[] {
  const needed = new Set([...ALWAYS, main, types, ...pathsIn(bin), ...pathsIn(exports)].map(withoutDot))
  return [
    ...[...needed].filter((file) => !files.includes(file)).map((file) => `it lacks ${file}`),
    ...files.filter((file) => !PUBLISHED.test(file)).map((file) => `it has ${file}`),
  ]
}

export function machinePaths(file: string, text: string): string[] {
  return Array.from(text.matchAll(MACHINE_PATH), ([found]) => `${file}: ${found}`)
}

function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Object.values(value as Record<string, unknown>).flatMap(pathsIn)
}

function withoutDot(file: string): string {
  return file.replace(/^\.\//, '')
}
