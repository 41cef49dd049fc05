/** `npm run bench`: the figures of the README, on the machine at hand. */
import { cpus } from 'node:os';

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
await import('./command.ts');
await import('./inference.ts');
await import('./questions.ts');
