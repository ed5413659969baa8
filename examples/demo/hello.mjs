// The first step of `npm run demo`: what comes next, Prisma's client and a database, takes some seconds.
process.stdout.write(`Requeuest's demo: each request until it is delivered. It takes about 15 seconds.
Ctrl-C ends it and takes back what is not delivered.

`)
