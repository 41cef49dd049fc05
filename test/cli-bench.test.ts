import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dorsal } from './support/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => path.join(folder, name);

describe('dorsal bench 2ds', () => {
	const args = ['bench', '2ds', '--images', '4', '--size', '64', '--json', '--out'];

	it('writes the benchmark, the same bytes each time, and eval asks about it', async () => {
		const written = await dorsal([...args, inFolder('a')]);
		expect(written.code).toBe(0);
		expect(JSON.parse(written.stdout)).toMatchObject({ images: 20, questions: 120, ventralQuestions: 80 });
		await dorsal([...args, inFolder('b')]);
		const names = readdirSync(inFolder('a')).filter((name) => name !== 'images');
		expect(names).toContain('2ds.parquet');
		for (const name of names) expect(readFileSync(inFolder(`b/${name}`))).toEqual(readFileSync(inFolder(`a/${name}`)));

		const asked = await dorsal(['eval', '2ds', '--data', inFolder('a'), '--out', inFolder('run'), '--json']);
		expect(JSON.parse(asked.stdout).conditions.intact.questions).toBe(120);
		const generated = await dorsal([...args, inFolder('a'), '--limit', '2']);
		expect(generated).toMatchObject({ code: 2, stdout: '' });
		expect(generated.stderr).toContain('belongs to a benchmark of other options; give another --out');
	});

	it('places objects on the grid or anywhere, and says on the card which', async () => {
		const free = await dorsal([...args, inFolder('free'), '--placement', 'free']);
		expect(JSON.parse(free.stdout).options).toMatchObject({ placement: 'free' });
		const card = readFileSync(inFolder('free/README.md'), 'utf8');
		expect(card).toContain('dorsal bench 2ds --images 4 --size 64 --seed 0 --form yes-no --placement free');
		const asked = ['eval', '2ds', '--limit', '6', '--out'];
		expect(await dorsal([...asked, inFolder('free-run'), '--placement', 'free'])).toMatchObject({ code: 0 });
		const { task } = JSON.parse(readFileSync(inFolder('free-run/manifest.json'), 'utf8'));
		expect(task.facts).toMatchObject({ placement: 'free' });
		const written = await dorsal([...asked, inFolder('x'), '--placement', 'free', '--data', inFolder('free')]);
		expect(written.stderr).toContain('--placement: is fixed in the benchmark that --data names; leave it out');
	});

	it.each([
		[['bench'], 'command-unknown', 'dorsal bench needs one more word: bench 2ds'],
		[['bench', '3ds'], 'command-unknown', 'unknown command "bench 3ds"; did you mean bench 2ds?'],
		[['bench', '2ds', '--images', '0'], 'option-value', '--images 0: expected a whole number of 1 or more'],
		[['bench', '2ds', '--images', '6', '--quads'], 'bench-options', 'expected a multiple of 4 with --quads'],
		[['bench', '2ds', '--size', '9999'], 'bench-options', '--size: expected 16 to 2048 whole pixels'],
		[['bench', '2ds', '--placement', 'fre'], 'option-value', 'expected one of grid, free; did you mean free?'],
		[['bench', '2ds', '--form', 'no'], 'option-value', '--form no: expected one of yes-no, direction, both'],
	])('%j is bad usage: %s', async (words, name, message) => {
		const { code, stdout, stderr } = await dorsal(words, { cwd: folder });
		expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
		expect(stderr).toContain(`dorsal: error [${name}]: `);
		expect(stderr).toContain(message);
	});
});
