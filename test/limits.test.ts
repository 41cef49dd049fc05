import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeRun } from './report/stored-run.ts';
import { syntheticRun } from './report/synthetic.ts';
import { withPeakMemory } from './support/cli.ts';
import { type LargeFiles, writeLargeFiles } from './support/large-files.ts';
import { quietSeconds } from './support/quiet.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `dorsal` within a time (on a quiet machine) and in under 500 MB. */
async function expectWithin(limit: number, args: readonly string[]) {
	let ended!: Awaited<ReturnType<typeof withPeakMemory>>;
	const run = async () => {
		ended = await withPeakMemory(args);
	};
	expect(await quietSeconds(limit, run)).toBeLessThan(limit);
	expect(ended).toMatchObject({ code: 0, stderr: '' });
	expect(ended.peakMemory).toBeLessThan(500e6);
	return ended.stdout;
}

describe('100,000 records', () => {
	let files: LargeFiles[];
	beforeAll(() => {
		files = writeLargeFiles(folder, 100_000);
	});

	it.each(['pope', 'vqav2', 'gqa'])('of %s are scored in under 5 s and 500 MB', async (task) => {
		const { data, answers } = files.find((one) => one.task === task)!;
		const stdout = await expectWithin(5, ['score', task, '--data', data, '--answers', answers, '--json']);
		expect(JSON.parse(stdout)).toMatchObject({ task, questions: 100_000 });
	});

	it('are reported in under 10 s, 5 MB and 500 MB', async () => {
		// 20,000 questions under intact, three draws of permuted, and text-only.
		const skill = { conditions: { intact: 0.85, permuted: 0.45, 'text-only': 0.39 } };
		const run = await storeRun(await syntheticRun(skill, { images: 3334, pictures: true }), path.join(folder, 'run'));
		const page = path.join(folder, 'report.html');
		await expectWithin(10, ['report', run, '--out', page]);
		expect(statSync(page).size).toBeLessThan(5e6);
	});
});
