/** Folders and files of one folder by the floor that they are on, and what may be imported where. */
export interface House {
  folder: string
  /**
   * From the roof to the ground. A floor has rooms, and a room is one or several folders or files, separated by spaces. What
   * is in a room may import from its own room and from the floors below, and nothing else.
   */
  floors: readonly (readonly string[])[]
  /**
   * All that may be imported from elsewhere: packages, and paths of the repository. Each with the places that may, separated
   * by spaces; `*` stands for all. Node's own modules are free.
   */
  foreign: Readonly<Record<string, string>>
}

export const HOUSES: readonly House[] = [
  {
    folder: 'src',
    floors: [
      // Nothing that an application runs imports these two.
      ['cli'],
      ['testing'],
      ['dashboard', 'otel', 'prometheus'],
      ['index.ts esm.mts requeuest.ts extension.ts', 'serverless', 'telemetry'],
      ['instance'],
      ['inspect'],
      ['claim', 'handlers', 'maintenance', 'control', 'activity'],
      ['deliver', 'settle', 'schedules'],
      ['net', 'limits', 'spawn', 'results'],
      ['options'],
      ['store', 'encryption', 'events'],
      ['policy'],
      ['message', 'cron'],
      ['runtime errors.ts check'],
    ],
    foreign: {
      '@jest/globals': 'testing/jest.ts',
      '@opentelemetry/api': 'otel',
      'cli-table3': 'cli/table.ts',
      commander: 'cli',
      'cron-parser': 'cron/cron.ts',
      hono: 'dashboard',
      idiomorph: 'dashboard/client',
      'ipaddr.js': 'net',
      leven: 'check/check.ts',
      // Bun has a stand-in of its own for `undici`, which sends nothing.
      'undici/index.js': 'net deliver/sender.ts',
      uuid: '*',
      vitest: 'testing/vitest.mts testing/vitest.ts',
    },
  },
  {
    folder: 'bench',
    floors: [['main.ts plot.ts profile.ts'], ['workloads'], ['harness'], ['processes'], ['systems']],
    foreign: {
      '@opentelemetry/api': 'systems/requeuest-otel.ts',
      '@opentelemetry/context-async-hooks': 'systems/requeuest-otel.ts',
      '@opentelemetry/sdk-metrics': 'systems/requeuest-otel.ts',
      '@opentelemetry/sdk-trace-base': 'systems/requeuest-otel.ts',
      '@prisma/adapter-pg': 'systems',
      bullmq: 'systems',
      'cli-table3': '*',
      'graphile-worker': 'systems',
      'pg-boss': 'systems',
      pg: '*',
      undici: 'systems',
      'generated/prisma/client.ts': 'systems',
      'src/dashboard/index.ts': 'systems',
      'src/index.ts': 'systems',
      'src/otel/index.ts': 'systems/requeuest-otel.ts',
      'test/support': '*',
    },
  },
]

/** Where SQL may be run. */
export const SQL_IN = 'src/store'

export const MOST_LINES = 250
