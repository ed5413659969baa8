import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { factsOf } from '../systems/catalogue.ts'
import type { Contest, Metric, Standing } from './contest.ts'
import type { Lab } from './lab.ts'
import { describeMachine, describeVersions, type Machine } from './machine.ts'
import { NOTES, ratioTitle } from './report.ts'

/** Everything that one workload has given, as it is kept. */
export interface Results {
  workload: string
  title: string
  date: string
  machine: Machine
  versions: Record<string, string>
  reps: number
  notes: string[]
  contests: ContestResults[]
}

export interface ContestResults {
  title: string
  /** What is divided by what. */
  ratio: string
  metrics: Metric[]
  entrants: (Standing & { sender: string; node: number })[]
}

const FOLDER = path.resolve(import.meta.dirname, '../results')

export function contestResults(contest: Contest, standings: readonly Standing[], lab: Lab): ContestResults {
  return {
    title: contest.title,
    ratio: ratioTitle(contest),
    metrics: [...contest.metrics],
    entrants: standings.map((standing) => ({
      ...standing,
      sender: factsOf(standing.system).sender,
      node: lab.nodeOf(standing.system).major,
    })),
  }
}

export function resultsOf(
  workload: { name: string; title: string },
  reps: number,
  contests: ContestResults[],
  lab: Lab,
): Results {
  return {
    workload: workload.name,
    title: workload.title,
    date: new Date().toISOString(),
    machine: describeMachine(),
    versions: describeVersions(lab),
    reps,
    notes: NOTES,
    contests,
  }
}

/** Writes results to the given file, or to where the charts are drawn from. Returns where. */
export function writeResults(results: Results, lab: Lab, file: string | undefined): string {
  const usual = path.join(FOLDER, `${results.workload}-node${lab.node.major}.json`)
  const chosen = path.resolve(file ?? usual)
  mkdirSync(path.dirname(chosen), { recursive: true })
  writeFileSync(chosen, `${JSON.stringify(results, null, 2)}\n`)
  return chosen
}

/** All results that are kept, by the names of their files. */
export function readResults(): Map<string, Results> {
  if (!existsSync(FOLDER)) throw new Error('There are no results yet: npm run bench')
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'))
  return new Map(
    files.map((file) => [file.replace(/\.json$/, ''), JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8'))]),
  )
}
