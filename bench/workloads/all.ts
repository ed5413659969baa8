import { w1Drain, w1Shapes } from './w1-drain.ts'
import type { Workload } from './workload.ts'

export const WORKLOADS: readonly Workload[] = [w1Drain, w1Shapes]

/** The workloads that are named, whole or by how their names begin: `w1` is all of W1. No name means all of them. */
export function chooseWorkloads(names: readonly string[]): Workload[] {
  for (const name of names) {
    if (!WORKLOADS.some((workload) => answersTo(workload, name))) {
      throw new Error(`There is no workload '${name}'. There are: ${WORKLOADS.map((each) => each.name).join(', ')}`)
    }
  }
  return WORKLOADS.filter((workload) => names.length === 0 || names.some((name) => answersTo(workload, name)))
}

function answersTo(workload: Workload, name: string): boolean {
  return workload.name === name || workload.name.startsWith(`${name}-`)
}
