// Made by `npm run embed` out of prisma/, src/dashboard/ and package.json.

export const version: string = "0.1.0"
