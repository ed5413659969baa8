import { writeFileSync } from 'node:fs'
import { embeddedModules } from './embedded-modules.ts'

// `npm run embed`, which `npm run build` runs first.
for (const [file, text] of embeddedModules()) writeFileSync(file, text)
