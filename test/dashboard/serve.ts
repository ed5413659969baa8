import { startStaged } from './staged.ts'

// `npx tsx test/dashboard/serve.ts [port]`: the dashboard of an incident, for those who work on its pages.
const staged = await startStaged(Number(process.argv[2] ?? 3210))
console.log(`${staged.url}/`)
process.once('SIGINT', () => staged.stop())
