import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { howToGoOn } from './guide.ts'
import { type Plan, planInit } from './init-plan.ts'
import { findProject, type ProjectOptions } from './project.ts'

export interface InitOptions extends ProjectOptions {
  dryRun?: boolean
}

/** `requeuest init`: puts the models and migrations into the Prisma project in a folder; returns what to print. */
export async function init(folder: string, options: InitOptions): Promise<string> {
  const plan = planInit(await findProject(folder, options))
  const steps = plan.steps.map(({ verb, path: file, detail }) => {
    return `  ${verb.padEnd(6)} ${path.relative(folder, file)}${detail ? `: ${detail}` : ''}`
  })
  if (plan.steps.every((step) => step.verb === 'keep')) {
    return ['Nothing to do: everything is there already.', ...steps, ''].join('\n')
  }
  if (options.dryRun) return ['Dry run, nothing is written. This would be done:', ...steps, ''].join('\n')
  carryOut(plan)
  const request = { ...plan.requestModel, path: path.relative(folder, plan.requestModel.path) }
  return ['Done:', ...steps, '', howToGoOn(request), ''].join('\n')
}

function carryOut({ writes }: Plan): void {
  for (const [file, text] of writes) {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
