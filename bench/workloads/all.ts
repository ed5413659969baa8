import { w1Drain, w1Shapes } from './w1-drain.ts'
import { w2Latency } from './w2-latency.ts'
import { w3Spawn } from './w3-spawn.ts'
import { w4Scale } from './w4-scale.ts'
import { w5Failure } from './w5-failure.ts'
import { w6Processes } from './w6-processes.ts'
import { w7Neighbour } from './w7-neighbour.ts'
import { w8Snapshot } from './w8-snapshot.ts'
import { w9Idle } from './w9-idle.ts'
import { w10Sizes } from './w10-sizes.ts'
import { w11Retention } from './w11-retention.ts'
import { w12Receivers } from './w12-receivers.ts'
import { w13SameWork } from './w13-same-work.ts'
import { w14Busy } from './w14-busy.ts'
import { w15Inspect } from './w15-inspect.ts'
import { w16Dashboard } from './w16-dashboard.ts'
import type { Workload } from './workload.ts'

export const WORKLOADS: readonly Workload[] = [
  w1Drain,
  w1Shapes,
  w2Latency,
  w3Spawn,
  w4Scale,
  w5Failure,
  w6Processes,
  w7Neighbour,
  w8Snapshot,
  w9Idle,
  w10Sizes,
  w11Retention,
  w12Receivers,
  w13SameWork,
  w14Busy,
  w15Inspect,
  w16Dashboard,
]

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
