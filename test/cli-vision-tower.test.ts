import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderStore, folderWriter } from '../src/checkpoint/files.node.ts';
import { readTensors } from '../src/checkpoint/safetensors.ts';
import { writeSafetensors } from '../src/checkpoint/safetensors-write.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { original } from './small-checkpoint.ts';
import { dorsal } from './support/cli.ts';

const WHOLE = 'test/fixtures/models/tiny-llava';
const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-tower-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => path.join(folder, name);
const [bare, clip, scene] = [inFolder('bare'), inFolder('clip'), inFolder('scene.png')];
const question = 'What color is at the top of the image?';

/** A model as original LLaVA checkpoints come: the language model without its encoder, and a CLIP folder. */
beforeAll(async () => {
	const { text_config: text, vision_config: vision } = JSON.parse(readFileSync(`${WHOLE}/config.json`, 'utf8'));
	const store = folderStore(WHOLE);
	const tensors = [...(await readTensors(store, 'model.safetensors'))];
	await store.close();
	const write = (dir: string, config: object, entries: typeof tensors) => {
		mkdirSync(dir);
		writeFileSync(path.join(dir, 'config.json'), JSON.stringify(config));
		const stored = entries.map(([name, value]) => ({
			name,
			dtype: 'F32' as const,
			shape: value.shape,
			read: () => value,
		}));
		return writeSafetensors(folderWriter(dir), 'model.safetensors', stored);
	};
	const isVision = ([name]: readonly [string, unknown]) => name.startsWith('vision_tower.');
	const own = { model_type: 'llava_llama', mm_vision_tower: 'some/clip', mm_projector_type: 'mlp2x_gelu' };
	await write(
		bare,
		{ ...text, ...own },
		tensors.filter((entry) => !isVision(entry)).map(([name, value]) => [original(name), value]),
	);
	await write(
		clip,
		{ model_type: 'clip', vision_config: vision },
		tensors.filter(isVision).map(([name, value]) => [name.replace('vision_tower.', ''), value]),
	);
	for (const file of ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja', 'generation_config.json']) {
		cpSync(path.join(WHOLE, file), path.join(bare, file));
	}
	cpSync(path.join(WHOLE, 'preprocessor_config.json'), path.join(clip, 'preprocessor_config.json'));
	writeFileSync(scene, await twoDsTask({ images: 1 }).image(twoDsTask({ images: 1 }).questions[0]!.image));
});

describe('an original checkpoint without its encoder', () => {
	it('is refused with the option that gives it', async () => {
		const { code, stderr } = await dorsal(['ask', scene, question, '--model', bare]);
		expect(code).toBe(1);
		expect(stderr).toContain('with --vision-tower DIR');
	});

	it('answers as the model that has it inside', async () => {
		const own = await dorsal(['ask', scene, question, '--model', WHOLE]);
		const given = await dorsal(['ask', scene, question, '--model', bare, '--vision-tower', clip]);
		expect(given).toMatchObject({ code: 0, stdout: own.stdout });
	});

	it.each([
		['eval', '2ds', '--limit', '6', '--out', 'run'],
		['probe', 'norms', '--limit', '2'],
	])('is taken by %s %s', async (...words) => {
		const args = [...words, '--model', bare, '--vision-tower', clip];
		expect(await dorsal(args, { cwd: folder })).toMatchObject({ code: 0 });
	});
});

it('a recipe does not start from such a checkpoint', async () => {
	const data = { source: 'scenes', phases: [{ objects: [1, 2], turns: 1, questions: { count: 1 } }] };
	const stage = { name: 'one', kind: 'dialogue', steps: 1, batch: 2, learningRate: { projector: 1e-3 }, data };
	writeFileSync(inFolder('recipe.json'), JSON.stringify({ model: { from: 'bare' }, stages: [stage] }));
	const { code, stderr } = await dorsal(['train', inFolder('recipe.json'), '--out', inFolder('trained')]);
	expect(code).toBe(2);
	expect(stderr).toContain(`recipe: model.from: ${bare} is in the original LLaVA's layout; give the same model in`);
	expect(existsSync(inFolder('trained'))).toBe(false);
});

it.each([
	[
		['eval', '2ds', '--model', 'http://127.0.0.1:9'],
		'is for a checkpoint folder; --model http://127.0.0.1:9/v1 is a server',
	],
	[['ask', scene, question], 'the checkpoint has a vision tower of its own; leave out --vision-tower'],
])('%j does not take one', async (words, message) => {
	const { code, stdout, stderr } = await dorsal([...words, '--vision-tower', clip], { cwd: folder });
	expect({ failed: code !== 0, stdout }).toEqual({ failed: true, stdout: '' });
	expect(stderr.trim().split('\n').at(-1)).toContain(message);
});
