import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { rasterize } from '../src/bench2ds/raster.ts';
import { folderStore } from '../src/checkpoint/files.node.ts';
import { openCheckpoint } from '../src/checkpoint/open.ts';
import { encodePng } from '../src/image/png.ts';
import { readStage } from '../src/train/run-folder.ts';
import { loadState } from '../src/train/state.ts';
import { trainRecipe } from '../src/train/train.node.ts';
import { ask } from '../src/vlm/ask.ts';
import { load } from '../src/vlm/load.node.ts';
import { dorsal } from './support/cli.ts';
import { quietSeconds } from './support/quiet.ts';

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dorsal-train-'));
	// A few steps of every stage of a model with few layers, with many states saved.
	await writeFile(
		path.join(folder, 'short.json'),
		JSON.stringify({
			extends: path.relative(folder, 'recipes/smoke.json'),
			model: { vision: { layers: 2 }, text: { layers: 1 } },
			saveEvery: 2,
			evaluate: { every: 3, images: 1 },
		}),
	);
});
afterAll(() => rm(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);
const LIMIT = 4;
const train = (name: string, options: Partial<Parameters<typeof trainRecipe>[0]> = {}) =>
	trainRecipe({
		recipe: at('short.json'),
		out: at(name),
		tokenizer: 'test/fixtures/models/tiny-llava',
		limit: LIMIT,
		...options,
	});

interface Line {
	stage: string;
	step: number;
	loss: number;
	imagesPerSecond: number;
}
const metricsOf = async (name: string): Promise<Line[]> =>
	(await readFile(at(`${name}/metrics.jsonl`), 'utf8'))
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));

/** What must not depend on how often a run was cut: every weight, and every line but the clock's. */
const outcome = async (name: string) => ({
	weights: await readFile(at(`${name}/state.safetensors`)),
	model: await readFile(at(`${name}/model/model.safetensors`)),
	metrics: (await metricsOf(name)).map(({ imagesPerSecond: _, ...line }) => line),
});

async function readStageWeights(name: string) {
	const read = folderStore(at(name));
	const weights = await readStage({ read }, 'projector');
	await read.close();
	return weights;
}

test('the smoke recipe lowers the loss of every stage, and its checkpoint answers', async () => {
	const smoke = () =>
		trainRecipe({ recipe: 'recipes/smoke.json', out: at('smoke'), tokenizer: 'test/fixtures/models/tiny-llava' });
	let result!: Awaited<ReturnType<typeof smoke>>;
	const again = async () => {
		await rm(at('smoke'), { recursive: true, force: true });
		result = await smoke();
	};
	expect(await quietSeconds(60, again)).toBeLessThan(60);
	const lines = await metricsOf('smoke');
	expect(lines).toHaveLength(result.steps);
	const fall = (stage: string) => {
		const losses = lines.filter((line) => line.stage === stage).map(({ loss }) => loss);
		return losses[0]! - losses.at(-1)!;
	};
	expect(fall('contrastive')).toBeGreaterThan(0.3);
	expect(fall('words')).toBeGreaterThan(4);
	expect(fall('projector')).toBeGreaterThan(0.8);

	const model = await load(result.model);
	const scene = { objects: [{ color: 'red', shape: 'square', x: 0.3, y: 0.3, radius: 0.09 } as const] };
	const image = encodePng(rasterize(scene, 336));
	expect((await ask(model, image, 'How many objects are in the image?')).answer).toMatch(/^(one|two)$/);
	await model.close();
});

describe('a run that is cut ends as one that is not', () => {
	beforeAll(async () => {
		await train('uncut');
	});

	test('killed at random moments', async () => {
		const args = ['train', at('short.json'), '--out', at('killed'), '--limit', String(LIMIT), '--json'];
		for (let kills = 0; kills < 2; kills++) await killed(args);
		const { code, stdout, stderr } = await dorsal(args);
		expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
		expect(JSON.parse(stdout)).toMatchObject({ steps: 4 * LIMIT, model: at('killed/model') });
		expect(await outcome('killed')).toEqual(await outcome('uncut'));
	});

	test('stopped by Ctrl-C, which keeps the step under way', async () => {
		const args = ['train', at('short.json'), '--out', at('stopped'), '--limit', String(LIMIT)];
		const { code, stderr } = await dorsal(args, { interruptAt: [`words: 0/${LIMIT}`] });
		expect(code).toBe(130);
		expect(stderr).toMatch(/stopped; run it again to go on from here: dorsal train /);
		const last = (await metricsOf('stopped')).at(-1)!;
		const seen: string[] = [];
		await train('stopped', { onProgress: ({ stage, step }) => seen.push(`${stage} ${step}`) });
		expect(seen[0]).toBe(last.stage === 'contrastive' ? 'words 0' : `${last.stage} ${last.step}`);
		expect(await outcome('stopped')).toEqual(await outcome('uncut'));
	});

	test('with the stages that another run has in common taken from there', async () => {
		const seen = new Set<string>();
		await train('reused', { reuse: [at('uncut')], onProgress: ({ stage }) => seen.add(stage) });
		expect(await readFile(at('reused/model/model.safetensors'))).toEqual(
			await readFile(at('uncut/model/model.safetensors')),
		);
		expect([...seen]).toEqual([]);

		await writeFile(at('variant.json'), JSON.stringify({ extends: 'short.json', visionPath: { layers: [1, 2] } }));
		await train('variant', {
			recipe: at('variant.json'),
			reuse: [at('uncut')],
			onProgress: ({ stage }) => seen.add(stage),
		});
		expect([...seen]).toEqual(['projector', 'instructions']);
		for (const [name, stage] of [
			['seeing', 0],
			['reading', 1],
		] as const) {
			const { stages } = JSON.parse(await readFile(at('uncut/recipe.json'), 'utf8'));
			await writeFile(at(`${name}.json`), JSON.stringify({ extends: 'short.json', stages: [stages[stage]] }));
			await train(name, { recipe: at(`${name}.json`) });
		}
		seen.clear();
		const both = [at('reading'), at('seeing')];
		await train('joined', { reuse: both, onProgress: ({ stage }) => seen.add(stage) });
		expect([...seen]).toEqual(['projector', 'instructions']);
		expect(await outcome('joined')).toEqual(await outcome('uncut'));

		await writeFile(at('wide.json'), JSON.stringify({ extends: 'short.json', seed: 1 }));
		await expect(train('wide', { recipe: at('wide.json'), reuse: [at('uncut')] })).rejects.toThrow(
			/uncut: has no stage in common with this recipe \(model\.seed differs\)/,
		);
		await expect(train('second', { reuse: [at('reading')] })).rejects.toThrow(
			/reading: has no stage in common with this recipe \(no stage contrastive\); leave out --reuse/,
		);
		await expect(train('second', { reuse: [at('joined')] })).rejects.toThrow(
			/joined: has no stage in common with this recipe \(no stages\/contrastive\.safetensors: .* taken from another run/,
		);
		await expect(train('second', { reuse: [at('uncut/model')] })).rejects.toThrow(
			/--reuse .*uncut\/model: holds no recipe\.json; give the --out folder of a training/,
		);
	});

	test('and another seed on the same encoder and decoder draws its own projector and images', async () => {
		const { stages } = JSON.parse(await readFile('recipes/smoke.json', 'utf8'));
		const fixed = stages.map((stage: { name: string }) =>
			['contrastive', 'words'].includes(stage.name) ? { ...stage, seed: 0 } : stage,
		);
		const recipe = { extends: 'short.json', seed: 1, model: { seed: 0 }, stages: fixed };
		await writeFile(at('second.json'), JSON.stringify(recipe));
		const seen = new Set<string>();
		await train('second', {
			recipe: at('second.json'),
			reuse: [at('uncut')],
			limit: LIMIT,
			onProgress: ({ stage }) => seen.add(stage),
		});
		expect([...seen]).toEqual(['projector', 'instructions']);
		const [first, second] = [await readStageWeights('uncut'), await readStageWeights('second')];
		const encoder = [...first.keys()].find((name) => name.startsWith('vision_tower'))!;
		expect(second.get(encoder)).toEqual(first.get(encoder));
		const projector = 'multi_modal_projector.linear_1.weight';
		expect(second.get(projector)!.data).not.toBeAllclose(first.get(projector)!.data, { atol: 0.1 });
	});

	test('with any number of workers, killed or not', async () => {
		const { stages } = JSON.parse(await readFile('recipes/smoke.json', 'utf8'));
		const recipe = { extends: 'short.json', stages: stages.map((stage: object) => ({ ...stage, microBatch: 6 })) };
		delete recipe.stages[0].microBatch;
		await writeFile(at('parts.json'), JSON.stringify(recipe));
		const options = { recipe: at('parts.json'), limit: 3, threads: 1 };
		await train('parts', options);
		const args = ['train', at('parts.json'), '--out', at('pool'), '--limit', '3', '--threads', '1', '--workers', '2'];
		await killed(args);
		const seen: string[] = [];
		await train('pool', { ...options, workers: 3, onProgress: ({ stage, step }) => seen.push(`${stage} ${step}`) });
		expect(await outcome('pool')).toEqual(await outcome('parts'));
		// Nothing is left to do, but everything to end.
		expect((await dorsal(args)).code).toBe(0);
		// The second Ctrl-C comes while the threads are at work.
		const twice = args.with(3, at('twice'));
		expect((await dorsal(twice, { interruptAt: ['words: 0/3', 'stopping: '] })).code).toBe(130);
		await expect(train('gpu', { workers: 2, device: 'cuda' })).rejects.toThrow(
			"--workers 2: workers share the processor's cores; leave --workers or --device out",
		);
	});

	test('and other recipes, other models and other folders are refused in one line', async () => {
		await cp(at('uncut'), at('other'), { recursive: true });
		await expect(train('other', { limit: LIMIT + 1 })).rejects.toThrow(
			/other: holds a run of another recipe \(stages\[0\]\.steps: 4 there, 5 here\); give another --out/,
		);
		await writeFile(at('small.json'), JSON.stringify({ extends: 'short.json', model: { text: { hiddenSize: 32 } } }));
		await train('small', { recipe: at('small.json'), limit: 1 });
		await cp(at('small/state.safetensors'), at('other/state.safetensors'));
		await expect(train('other')).rejects.toThrow(
			/other\/state\.safetensors: tensor "multi_modal_projector\.linear_1\.weight" is \[32, 64\], but the recipe's model has \[64, 64\]/,
		);
		await writeFile(at('plain.txt'), '');
		await expect(train('.')).rejects.toThrow(/holds .* and no training run; give a new folder/);
	});
});

test('a loss that is not finite stops the run; the last good state is kept', async () => {
	await writeFile(at('nan.json'), JSON.stringify({ extends: 'short.json', stages: [await stageOf('words', 1e30)] }));
	const refusal = /^stage words, step [23]: .* is (NaN|Infinity); no state had been saved yet: lower learningRate/;
	await expect(train('nan', { recipe: at('nan.json') })).rejects.toThrow(refusal);
	await expect(train('nan', { recipe: at('nan.json') })).rejects.toThrow(refusal);

	// A state is not saved before a loss at its weights is known to be finite, however often states are saved.
	const stages = [{ ...(await stageOf('words', 1e-3)), name: 'good' }, await stageOf('words', 1e30)];
	await writeFile(at('later.json'), JSON.stringify({ extends: 'short.json', stages, saveEvery: 1 }));
	const later = () => train('later', { recipe: at('later.json') });
	await expect(later()).rejects.toThrow(/; the last good state is kept in .*later\/state\.safetensors: lower/);
	const kept = folderStore(at('later'));
	const state = await loadState(kept);
	await kept.close();
	expect(state!.position).toMatchObject({ stage: 1 });
	expect([...state!.weights.values()].every(({ data }) => data.every((value) => Math.abs(value) < 10))).toBe(true);

	// Nor at the end of a stage.
	const last = [
		{ ...(await stageOf('words', 1e30)), steps: 1 },
		{ ...(await stageOf('words', 1e-3)), name: 'next' },
	];
	await writeFile(at('last.json'), JSON.stringify({ extends: 'short.json', stages: last }));
	await expect(train('last', { recipe: at('last.json') })).rejects.toThrow(
		/^stage words, step 1: after it the loss is (NaN|Infinity); no state had been saved yet/,
	);

	const beyond = { ...(await stageOf('words', 1e300)), steps: 1 };
	await writeFile(at('beyond.json'), JSON.stringify({ extends: 'short.json', stages: [beyond] }));
	await expect(train('beyond', { recipe: at('beyond.json') })).rejects.toThrow(
		/^stage words, step 1: the new weights would not be finite; no state had been saved yet/,
	);
});

test('a checkpoint to start from is known by its files, wherever they lie', async () => {
	const instructions = { ...(await stageOf('words', 1e-3)), steps: 1 };
	const recipe = async (name: string, model: object) => {
		await writeFile(at(`${name}.json`), JSON.stringify({ model, stages: [instructions], evaluate: null }));
		return { recipe: at(`${name}.json`), limit: undefined };
	};
	await cp('test/fixtures/models/tiny-llava', at('start'), { recursive: true });
	await cp(at('start'), at('moved/start'), { recursive: true });
	await train('started', await recipe('started', { from: 'start' }));
	const { model } = JSON.parse(await readFile(at('started/recipe.json'), 'utf8'));
	expect(model).toEqual({ from: 'start', hash: expect.stringMatching(/^[0-9a-f]{64}$/), fresh: [] });

	const moved = await recipe('moved-start', { from: 'moved/start', hash: model.hash });
	const onProgress = vi.fn();
	await train('moved-run', { ...moved, reuse: [at('started')], onProgress });
	expect(onProgress).not.toHaveBeenCalled();

	const config = at('moved/start/generation_config.json');
	await writeFile(config, (await readFile(config, 'utf8')).replace('{', '{ '));
	await expect(train('changed-run', moved)).rejects.toThrow(
		/moved\/start: its sha256 is [0-9a-f]{64}, but the recipe \(model\.hash\) has "[0-9a-f]+…; give that one/,
	);
});

test('a run knows its tokenizer by its files, and its folder is its own', async () => {
	await cp('test/fixtures/models/tiny-llava', at('words'), { recursive: true });
	const stage = { ...(await stageOf('words', 1e-3)), steps: 2 };
	await writeFile(at('told.json'), JSON.stringify({ extends: 'short.json', tokenizer: 'words', stages: [stage] }));
	const told = (options = {}) => train('told', { recipe: at('told.json'), ...options });
	const both = await Promise.allSettled([told(), told()]);
	const refused = both.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
	expect(refused).toEqual([expect.stringMatching(/told: another process trains there; wait for it, stop it/)]);
	const recipe = JSON.parse(await readFile(at('told/recipe.json'), 'utf8'));
	expect(recipe).toMatchObject({ dorsal: '0.1.0', tokenizerHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
	await writeFile(at('words/chat_template.jinja'), '{{ messages }}');
	await expect(told()).rejects.toThrow(/told: holds a run of another recipe \(tokenizerHash: /);
});

test('what no stage can read is told before the first one', async () => {
	const seen = vi.fn();
	const recipe = { extends: 'short.json', model: { text: { maxPositions: 80 } } };
	await writeFile(at('narrow.json'), JSON.stringify(recipe));
	await expect(train('narrow', { recipe: at('narrow.json'), onProgress: seen })).rejects.toThrow(
		/^recipe: stages: words: phases\[0\]: a conversation of \d+ tokens is longer than the model can read .* 80\)/,
	);
	expect(seen).not.toHaveBeenCalled();
});

test('a model that is trained on words alone keeps what its tokens are normalised to', async () => {
	const words = { ...(await stageOf('words', 1e-3)), data: undefined, steps: 1 };
	const normalize = { mode: 'paper', targetMean: null, maxNorm: null };
	const images = { extends: 'short.json', visionPath: { normalize }, evaluate: null };
	await writeFile(at('normal.json'), JSON.stringify(images));
	const { model } = await train('normal', { recipe: at('normal.json'), limit: 1 });
	const list = { source: 'scenes', as: 'list', phases: [{ objects: [1, 2], turns: 2, questions: { count: 1 } }] };
	const more = { model: { from: 'normal/model' }, stages: [{ ...words, data: list }], evaluate: null };
	await writeFile(at('more.json'), JSON.stringify(more));
	const after = await train('more', { recipe: at('more.json'), tokenizer: model, limit: 1 });
	const [before, kept] = await Promise.all([
		openCheckpoint(folderStore(model)),
		openCheckpoint(folderStore(after.model)),
	]);
	expect(before.visionPath.normalize).toEqual({
		mode: 'paper',
		targetMean: expect.any(Number),
		maxNorm: expect.any(Number),
	});
	expect(kept.visionPath).toEqual(before.visionPath);
	expect(kept.names).toEqual(before.names);
	await before.close();
	await kept.close();

	// What another run normalised to is in its state alone.
	await writeFile(at('longer.json'), JSON.stringify({ ...images, stages: { instructions: { batch: 4 } } }));
	await rm(at('normal/state.safetensors'));
	await expect(train('longer', { recipe: at('longer.json'), reuse: [at('normal')], limit: 1 })).rejects.toThrow(
		/--reuse .*normal: holds no state\.safetensors, which says what stage projector normalised its tokens to/,
	);
});

test("LLaVA's JSON: photos, several turns, text alone; a missing image is named", async () => {
	const png = encodePng({ width: 90, height: 60, data: new Uint8Array(90 * 60 * 3).fill(200) });
	await writeFile(at('photo.png'), png);
	const turn = (question: string, answer: string) => [
		{ from: 'human', value: question },
		{ from: 'gpt', value: answer },
	];
	const entries = [
		{
			image: 'photo.png',
			conversations: [...turn('<image>\nWhat is it?', 'a circle'), ...turn('Where?', 'at the top')],
		},
		{ image: 'photo.png', conversations: turn('How many?\n<image>', 'two') },
		{ conversations: turn('What color?', 'red') },
	];
	await writeFile(at('train.json'), JSON.stringify(entries));
	const words = await stageOf('words', 1e-3);
	const stages = ['plain', 'chat'].map((style) => ({
		...words,
		name: style,
		steps: undefined,
		epochs: 2,
		batch: 3,
		learningRate: { projector: 1e-3, ...(style === 'chat' && { decoder: 1e-3 }) },
		data: { source: 'llava', json: 'train.json', images: '.', style },
	}));
	const chat = { extends: 'short.json', stages: stages.slice(1), evaluate: null };
	await writeFile(at('chat.json'), JSON.stringify(chat));
	const result = await train('chat', { recipe: at('chat.json'), limit: undefined });
	expect(result).toMatchObject({ steps: 2, evaluation: null });
	expect(result.loss).toBeGreaterThan(0);
	expect((await train('limited', { recipe: at('chat.json'), limit: 9 })).steps).toBe(2);
	expect((await train('limited-1', { recipe: at('chat.json'), limit: 1 })).steps).toBe(1);

	await writeFile(at('train.json'), JSON.stringify(entries.slice(0, 2)));
	await writeFile(at('both.json'), JSON.stringify({ ...chat, stages }));
	expect((await train('both', { recipe: at('both.json'), limit: undefined })).stages.map(({ steps }) => steps)).toEqual(
		[1, 1],
	);

	// The same recipe, but the file beside it is another now.
	await expect(train('chat', { recipe: at('chat.json'), limit: undefined })).rejects.toThrow(
		/chat: holds a run of another recipe \(stages\[0\]\.data\.sha256: /,
	);
	const pinned = stages.map((stage) => ({ ...stage, data: { ...stage.data, sha256: 'abc' } }));
	await writeFile(at('pinned.json'), JSON.stringify({ ...chat, stages: pinned }));
	await expect(train('pinned', { recipe: at('pinned.json') })).rejects.toThrow(
		/train\.json: its sha256 is [0-9a-f]{64}, but the recipe \(stages\[0\]\.data\.sha256\) has "abc"; give that one/,
	);

	await writeFile(at('train.json'), JSON.stringify([entries[0], { ...entries[1], image: 'lost.png' }]));
	await expect(train('lost', { recipe: at('chat.json'), limit: undefined })).rejects.toThrow(
		/train\.json: \[1\]\.image: .*lost\.png: cannot be read \(ENOENT\)/,
	);

	// What is wrong with the last stage's data is told before the first stage's first step.
	const wrong = async (name: string, second: unknown[], message: RegExp) => {
		await writeFile(at('good.json'), JSON.stringify(entries.slice(0, 2)));
		await writeFile(at('wrong.json'), JSON.stringify(second));
		const [plain, chatting] = stages as [(typeof stages)[0], (typeof stages)[0]];
		const both = [
			{ ...plain, data: { ...plain.data, json: 'good.json' } },
			{ ...chatting, data: { ...chatting.data, json: 'wrong.json' } },
		];
		await writeFile(at(`${name}.json`), JSON.stringify({ ...chat, stages: both }));
		const seen: string[] = [];
		const run = train(name, { recipe: at(`${name}.json`), onProgress: ({ stage }) => seen.push(stage) });
		await expect(run).rejects.toThrow(message);
		expect(seen).toEqual([]);
	};
	await wrong(
		'special',
		[entries[0], { conversations: turn('Why?', 'so</s>') }],
		/wrong\.json: \[1\]\.conversations: "so<\/s>" holds/,
	);
	await wrong('folder', [{ ...entries[0], image: '.' }], /wrong\.json: \[0\]\.image: .*: is not a file/);
	await wrong('cut', [], /wrong\.json: expected at least 1 conversation, got none/);
	const { learningRate: _, ...rest } = stages[1]!;
	await writeFile(at('text.json'), JSON.stringify([entries[2]]));
	const projector = { ...rest, learningRate: { projector: 1e-3 }, data: { ...rest.data, json: 'text.json' } };
	await writeFile(at('untrained.json'), JSON.stringify({ ...chat, stages: [projector] }));
	await expect(train('untrained', { recipe: at('untrained.json') })).rejects.toThrow(
		/text\.json: no conversation has an image, so stage chat has nothing to train/,
	);
});

/** Runs `dorsal` and kills it at a random moment after its first progress line. */
function killed(args: readonly string[]): Promise<void> {
	const child = spawn(process.execPath, ['bin/dorsal.js', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
	let told = '';
	child.stderr.on('data', (data) => {
		told += data;
		if (/: \d+\/\d+/.test(told)) setTimeout(() => child.kill('SIGKILL'), Math.random() * 2000);
	});
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', () => resolve());
	});
}

async function stageOf(name: string, rate: number) {
	const { stages } = JSON.parse(await readFile('recipes/smoke.json', 'utf8')) as { stages: { name: string }[] };
	return { ...stages.find((stage) => stage.name === name)!, learningRate: { decoder: rate } };
}
