import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { syntheticTraining } from '../../../test/report/synthetic-training.ts';
import { memoryStore } from '../../checkpoint/files.memory.ts';
import { folderStore } from '../../checkpoint/files.node.ts';
import { evaluationFigure, lossFigure } from './figures.ts';
import { readTrainingRun, trainingChance } from './inputs.ts';
import { renderTraining } from './page.ts';
import { grouped, placedSteps } from './steps.ts';

describe('steps', () => {
	it('of later stages follow those of earlier ones', () => {
		const { steps, spans } = placedSteps(syntheticTraining({ taken: 270 }));
		expect(spans).toEqual([
			{ name: 'contrastive', from: 0, steps: 60 },
			{ name: 'words', from: 60, steps: 200 },
			{ name: 'instructions', from: 260, steps: 10 },
		]);
		expect(steps.map(({ at }) => at)).toEqual(Array.from({ length: 270 }, (_, i) => i + 1));
	});

	it('begin at 0 where the first stages were taken from another run, but beside another run where these stood', () => {
		const run = syntheticTraining();
		const metrics = run.metrics.filter(({ stage }) => stage === 'instructions');
		const variant = { ...run, metrics };
		expect(placedSteps(variant).spans).toEqual([{ name: 'instructions', from: 0, steps: 400 }]);
		expect(placedSteps(variant, { aligned: true }).spans).toEqual([{ name: 'instructions', from: 260, steps: 400 }]);
		expect(renderTraining({ runs: [{ ...run, metrics }] }).html).toContain('from another run');
	});

	it('are grouped within their stages, each in one group', () => {
		const placed = placedSteps(syntheticTraining());
		const groups = grouped(placed, 50);
		expect(groups.flat()).toEqual(placed.steps);
		expect(groups.every((group) => new Set(group.map(({ metric }) => metric.stage)).size === 1)).toBe(true);
		expect(groups.length).toBeLessThanOrEqual(50 + placed.spans.length);
		expect(grouped(placedSteps({ ...syntheticTraining(), metrics: [] }))).toEqual([]);
	});
});

it('chance is that of the questions that training asks', () => {
	const { byType, yesNo, direction, ventral } = trainingChance({ images: 8, seed: 1 });
	const { color_rel, shape_where, exists, count } = byType;
	expect([color_rel, shape_where, exists, count]).toBeAllclose([0.5, 0.25, 0.5, 0.2], { atol: 1e-12, rtol: 0 });
	const absolute = (byType.color_abs! + byType.shape_abs! + byType.shape_color_abs!) / 3;
	expect(yesNo).toBeCloseTo((absolute + 0.5) / 2, 12);
	expect(direction).toBeCloseTo((absolute + 0.25) / 2, 12);
	expect(ventral).toBeCloseTo((byType.color! + byType.shape! + 0.5 + 0.2) / 4, 12);
});

describe('a stored run', () => {
	const bytes = (text: string) => new TextEncoder().encode(text);
	const run = syntheticTraining({ taken: 3 });
	const recipe = bytes(
		JSON.stringify({ title: run.title, stages: run.stages, evaluate: { images: 4, seed: 1 }, later: 1 }),
	);
	const metrics = bytes(run.metrics.map((metric) => `${JSON.stringify(metric)}\n`).join(''));

	it('is read, half done or finished, whatever else its recipe says', async () => {
		const half = memoryStore([
			['recipe.json', recipe],
			['metrics.jsonl', metrics],
		]);
		expect(await readTrainingRun(half, { name: 'base' })).toEqual(run);
		half.files.set('model/config.json', bytes('{}'));
		expect(await readTrainingRun(half, { name: 'base' })).toEqual({ ...run, finished: true });
		const begun = memoryStore([['recipe.json', recipe]]);
		expect((await readTrainingRun(begun, { name: 'base' })).metrics).toEqual([]);
	});

	it('is refused in one line where its recipe or metrics are none', async () => {
		const broken = memoryStore([['recipe.json', bytes('{"stages": []}')]], { location: 'runs/x' });
		await expect(readTrainingRun(broken, { name: 'x' })).rejects.toThrow('runs/x/recipe.json: stages: ');
		const files = [
			['recipe.json', recipe],
			['metrics.jsonl', bytes('{"stage": 1}\n')],
		] as const;
		const line = readTrainingRun(
			memoryStore(
				[...files].map(([a, b]) => [a, b]),
				{ location: 'runs/x' },
			),
			{ name: 'x' },
		);
		await expect(line).rejects.toThrow('runs/x/metrics.jsonl: line 1: stage: ');
	});

	it('reads the log beside a shipped model', async () => {
		const store = folderStore('models/base');
		const { finished, metrics } = await readTrainingRun(store, { name: 'base' });
		await store.close();
		expect(finished).toBe(true);
		expect(metrics[0]!.step).toBeGreaterThan(1);
	});
});

describe('renderTraining', () => {
	const text = (html: string) => parseHTML(html).document.querySelector('main')!.textContent!.replace(/\s+/g, ' ');

	it('reads itself again while a run is under way, and not when all are finished', () => {
		const refresh = 30;
		const running = renderTraining({ runs: [syntheticTraining({ taken: 100 })], refresh }).html;
		expect(running).toContain('<meta http-equiv="refresh" content="30">');
		expect(text(running)).toContain('base is at step 40 of 200 of stage words (2 of 3).');
		expect(text(running)).toContain('reads itself again every 30 seconds');
		const finished = renderTraining({ runs: [syntheticTraining()], refresh }).html;
		expect(finished).not.toContain('http-equiv="refresh"');
		expect(text(finished)).toContain('base is finished: 660 steps.');
	});

	it('counts steps, not lines, of a log whose lines stand for several', () => {
		const run = syntheticTraining();
		const html = renderTraining({
			runs: [{ ...run, metrics: run.metrics.filter(({ step }) => step % 20 === 0) }],
		}).html;
		expect(text(html)).toContain('base is finished: 660 steps.');
		const rows = [...parseHTML(html).document.querySelectorAll('#progress tr')].map((row) => row.textContent);
		expect(rows[2]).toMatch(/^wordsdialogue200 of 200/);
	});

	it('has every curve, 2DS with its chance, and each type of question', () => {
		const { html, figures } = renderTraining({ runs: [syntheticTraining()] });
		expect(figures.map(({ name }) => name)).toEqual(
			['loss', 'accuracy', '2ds', 'rate', 'speed'].map((name) => `training-${name}`),
		);
		expect(text(html)).toContain('the yes-no form after step 400 of instructions');
		const { document } = parseHTML(html);
		const rows = [...document.querySelectorAll('#evaluation tr')].map((row) => row.textContent);
		expect(rows).toContain('shape_where25.070.0');
		expect(html).toContain('A &lt;small&gt; recipe');
		expect(html).not.toMatch(/<script|https?:(?!\/\/www\.w3\.org)/);
	});

	it('draws a run without an evaluation, without a step, and several over each other', () => {
		const run = syntheticTraining({ taken: 60 });
		expect(renderTraining({ runs: [run] }).figures).toHaveLength(4);
		const begun = renderTraining({ runs: [{ ...run, metrics: [] }] });
		expect(begun.figures).toEqual([]);
		expect(text(begun.html)).toContain('base has not saved a step yet.');
		const two = [syntheticTraining(), syntheticTraining({ name: 'other', taken: 300 })];
		expect(text(renderTraining({ runs: two }).html)).toContain('other is at step 40 of 400 of stage instructions');
		expect(evaluationFigure(two)!.data.rows.map(([name]) => name)).toContain('other');
	});

	it('draws a loss of zero, which a logarithm has not', () => {
		const run = syntheticTraining({ taken: 2 });
		const metrics = run.metrics.map((metric) => ({ ...metric, loss: 0 }));
		expect(lossFigure([{ ...run, metrics }]).draw({ width: 720, label: 'x' })).not.toMatch(/NaN|Infinity/);
	});
});
