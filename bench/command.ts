/** Milliseconds that the command takes to answer --help: whole processes, the fastest and the median of eleven. */
import { execFileSync } from 'node:child_process';

const times = Array.from({ length: 11 }, () => {
	const start = performance.now();
	execFileSync(process.execPath, ['bin/dorsal.js', '--help'], { stdio: 'ignore' });
	return performance.now() - start;
}).sort((a, b) => a - b);
console.log(`dorsal --help     ${times[0]!.toFixed(0)} ms at best, ${times[5]!.toFixed(0)} ms median`);
