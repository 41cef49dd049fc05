import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { dorsal } from './support/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-ask-'));
const scene = path.join(folder, 'scene.png');
const task = twoDsTask({ images: 1 });
const { prompt } = task.questions[0]!;

beforeAll(async () => {
	writeFileSync(scene, await task.image(task.questions[0]!.image));
	writeFileSync(path.join(folder, 'broken.png'), readFileSync(scene).subarray(0, 600));
	writeFileSync(path.join(folder, 'words.txt'), 'no picture');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('dorsal ask', () => {
	it('prints the answer and nothing else', async () => {
		const { code, stdout, stderr } = await dorsal(['ask', scene, prompt]);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(stdout).toMatch(/^\w+( \w+)?\n$/);
	});

	it('gives the answer, what was read and the vision path as JSON, on standard output and in a file', async () => {
		const file = path.join(folder, 'answer.json');
		const plain = await dorsal(['ask', scene, prompt]);
		const { code, stdout, stderr } = await dorsal(['ask', scene, prompt, '--json', '--out', file]);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(JSON.parse(stdout)).toMatchObject({
			answer: plain.stdout.trim(),
			visionTokens: 64,
			model: 'models/base',
			path: { layers: [-2], normalize: null, pool: null, permute: null, scale: 1 },
		});
		expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(stdout));
	});

	it('changes what the model sees as it is told', async () => {
		const options = [
			'--model',
			'test/fixtures/models/tiny-llava',
			'--permute',
			'--seed',
			'5',
			'--pool',
			'4',
			'--normalize',
			'paper',
			'--scale',
			'0.5',
			'--limit',
			'1',
		];
		const { stdout } = await dorsal(['ask', scene, prompt, ...options, '--json']);
		expect(JSON.parse(stdout)).toMatchObject({
			visionTokens: 16,
			path: {
				permute: { kind: 'random', seed: 5, within: 'grid' },
				pool: 4,
				normalize: { mode: 'paper', targetMean: null, maxNorm: null },
				scale: 0.5,
			},
		});
		expect(JSON.parse(stdout).ids).toHaveLength(1);
		const without = await dorsal(['ask', scene, prompt, '--text-only', '--json']);
		expect(JSON.parse(without.stdout)).toMatchObject({ visionTokens: 0 });
	});

	it.each([
		[['gone.png', prompt], 2, 'image-missing', 'gone.png: no such file; give a PNG, JPEG or WebP image'],
		[['.', prompt], 2, 'image-missing', '.: is not a file; give a PNG, JPEG or WebP image'],
		[['words.txt', prompt], 1, 'image-format', 'words.txt: not a PNG, JPEG or WebP image'],
		[['broken.png', prompt], 1, 'image-damaged', 'broken.png: damaged PNG'],
		[['scene.png'], 2, 'argument-missing', 'QUESTION is missing; see dorsal ask --help'],
		[['scene.png', 'a', 'b'], 2, 'argument-unexpected', 'unexpected argument "b"'],
		[['scene.png', prompt, '--model', 'nowhere'], 2, 'no-folder', 'nowhere: no such folder'],
		[['scene.png', prompt, '--pool', '0'], 2, 'condition', 'expected pool:SIDE'],
		[['scene.png', prompt, '--scale', 'big'], 2, 'condition', 'expected scale:FACTOR'],
		[
			['scene.png', prompt, '--temperature', '-1'],
			2,
			'option-value',
			'--temperature -1: expected a number from 0 to 100',
		],
		[['scene.png', prompt, '--limit', '0'], 2, 'option-value', '--limit 0: expected a whole number of 1 or more'],
		[['scene.png', prompt, '--threads', 'two'], 2, 'option-value', '--threads two: expected a whole number'],
		[['scene.png', prompt, '--text-only', '--permute'], 2, 'option-conflict', 'there are no vision tokens to change'],
		[['scene.png', prompt, '--out', 'scene.png'], 2, 'out-input', '--out scene.png: is read as scene.png, which must'],
		[['scene.png', prompt, '--attention', './scene.png'], 2, 'out-input', 'is read as scene.png, which must stay'],
		[['scene.png', prompt, '--out', 'no/such/folder.json'], 1, 'ENOENT', 'no/such/folder.json'],
	])('ask %j ends with status %i and code %s', async (args, code, name, message) => {
		const finished = await dorsal(['ask', ...args], { cwd: folder });
		expect(finished).toMatchObject({ code, stdout: '' });
		expect(finished.stderr).toContain(`dorsal: error [${name}]: `);
		expect(finished.stderr).toContain(message);
		expect(finished.stderr.trim().split('\n')).toHaveLength(1);
	});
});
