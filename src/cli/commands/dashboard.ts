import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Command } from 'commander'
import type { DashboardOptions } from '../../dashboard/index.ts'
import type { Requeuest } from '../../requeuest.ts'
import { loadAppWithDatabase } from '../app.ts'
import { toPort, withDatabaseOptions } from '../database-command.ts'
import { OneTimeToken } from '../one-time-token.ts'
import { printJson, printText, say } from '../output.ts'
import { run } from '../run.ts'
import { type DatabaseOptions, withSession } from '../session.ts'

interface Options extends DatabaseOptions {
  port: number
  readOnly?: true
  bodies?: true
  reveal?: true
}

export function dashboardCommand(program: Command): void {
  const command = program
    .command('dashboard')
    .description('Serve the dashboard on this machine, to the one browser that opens the address it prints.')
    .option('--port <number>', 'the port on 127.0.0.1; 0 for a free one', toPort, 4848)
    .option('--read-only', 'allow no actions')
    .option('--bodies', 'show bodies that are not encrypted')
    .option('--reveal', 'show all bodies: uses the instance of requeuest.config.ts, its database and its keys')
  withDatabaseOptions(command).action((options: Options) =>
    run(command, options, async (signal) => {
      if (!options.reveal) return withSession(options, signal, ({ requeuest }) => serve(requeuest, options, signal))
      return serve(await loadAppWithDatabase(process.cwd(), options, 'without --reveal'), options, signal)
    }),
  )
}

async function serve(requeuest: Requeuest, options: Options, signal: AbortSignal): Promise<never> {
  const { createDashboard } = await import('../../dashboard/index.ts')
  const server = createServer()
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const door = new OneTimeToken(port)
  const access: DashboardOptions['access'] = (request) => door.isLetIn(request) && (options.readOnly ? 'read' : 'full')
  const origins = [`http://127.0.0.1:${port}`, `http://localhost:${port}`]
  const dashboard = createDashboard(requeuest, { access, origins, bodies: bodiesOf(options) })
  const show = dashboard.toNode()
  server.on('request', (incoming, outgoing) => {
    if (!door.redeem(incoming, outgoing)) show(incoming, outgoing)
  })
  const address = `${origins[0]}/?token=${door.token}`
  if (options.json) printJson({ url: address })
  else printText(address)
  say('Open it in a browser: it works once. Ctrl-C ends the server.')
  await once(signal, 'abort')
  server.close()
  server.closeAllConnections()
  throw signal.reason
}

function bodiesOf({ bodies, reveal }: Options): 'hidden' | 'show' | 'reveal' {
  if (reveal) return 'reveal'
  return bodies ? 'show' : 'hidden'
}
