/**
 * `dorsal score` of 100,000 made-up answers of each of three benchmarks, and `dorsal report` of a run of 100,000, each
 * in a process of its own: prints the time, the peak of memory, and the same on a quiet machine by the speed that this
 * one has at the moment. `npm run bench:score [-- records]`.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeRun } from '../test/report/stored-run.ts';
import { syntheticRun } from '../test/report/synthetic.ts';
import { withPeakMemory } from '../test/support/cli.ts';
import { writeLargeFiles } from '../test/support/large-files.ts';
import { slowness } from '../test/support/quiet.ts';

const records = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'dorsal-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

async function measure(name: string, args: readonly string[], files: readonly string[]): Promise<void> {
	const before = slowness();
	const start = performance.now();
	const { code, stderr, peakMemory } = await withPeakMemory(args);
	const seconds = (performance.now() - start) / 1000;
	if (code !== 0) throw new Error(stderr);
	const quiet = seconds / ((before + slowness()) / 2);
	const size = files.reduce((sum, file) => sum + statSync(file).size, 0);
	console.log(
		`${name}: ${megabytes(size)} MB in ${seconds.toFixed(1)} s (${quiet.toFixed(1)} s on a quiet machine), ` +
			`peak memory ${megabytes(peakMemory)} MB`,
	);
}

for (const { task, data, answers } of writeLargeFiles(folder, records)) {
	await measure(`score ${task}`, ['score', task, '--data', data, '--answers', answers], [data, answers]);
}
// Five answers to a question: intact, three draws of permuted, text-only; six questions an image.
const skill = { conditions: { intact: 0.85, permuted: 0.45, 'text-only': 0.39 } };
const run = await syntheticRun(skill, { images: Math.ceil(records / 30), pictures: true });
await storeRun(run, join(folder, 'run'));
const page = join(folder, 'report.html');
await measure('report', ['report', join(folder, 'run'), '--out', page], [join(folder, 'run/records.jsonl')]);
console.log(`report.html: ${megabytes(statSync(page).size)} MB`);
