import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { howToGoOn, whereTablesGo } from './guide.ts'
import { type Plan, planInit } from './init-plan.ts'
import { findProject, type ProjectOptions } from './project.ts'

export interface InitOptions extends ProjectOptions {
  databaseSchema?: string
  dryRun?: boolean
}

/** `requeuest init`: puts the models and migrations into the Prisma project in a folder; returns what to print. */
export async function init(folder: string, options: InitOptions): Promise<string> {
  const project = await findProject(folder, options)
  const plan = planInit(project, options.databaseSchema)
  const lines = plan.steps.map(({ verb, path: file, detail }) => {
    return `  ${verb.padEnd(6)} ${path.relative(folder, file)}${detail ? `: ${detail}` : ''}`
  })
  const { databaseSchema, requestModel } = plan
  if (databaseSchema) lines.push('', whereTablesGo(databaseSchema))
  if (plan.steps.every((step) => step.verb === 'keep')) {
    return ['Nothing to do: everything is there already.', ...lines, ''].join('\n')
  }
  if (options.dryRun) return ['Dry run, nothing is written. This would be done:', ...lines, ''].join('\n')
  carryOut(plan)
  const request = { ...requestModel, path: path.relative(folder, requestModel.path) }
  const { connectionSchema } = project
  return ['Done:', ...lines, '', howToGoOn({ request, databaseSchema, connectionSchema }), ''].join('\n')
}

function carryOut({ writes }: Plan): void {
  for (const [file, text] of writes) {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
