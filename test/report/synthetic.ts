import sharp from 'sharp';
import { rng } from '../../src/base/random.ts';
import { resultsOf } from '../../src/eval/results.ts';
import { type Manifest, RUN_FORMAT, type RunRecord } from '../../src/eval/run.ts';
import { jsonFile, memoryStore, type Run, recordLines, runFrom, writeGalleryImage } from '../../src/eval/store.ts';
import type { NormDistribution, NormsProbe } from '../../src/report/inputs.ts';

/** What a synthetic model does: its accuracy by condition, or for single categories. */
export interface Skill {
	/** Accuracy by condition; conditions that are not named do not take part. */
	conditions: Record<string, number>;
	/** Share of answers that cannot be read; default 0. */
	unparsed?: number;
	/** Replaces the raw text of every answer. */
	raw?: string;
}

export interface SyntheticOptions {
	task?: '2ds' | '2ds-ventral' | 'pope';
	title?: string;
	model?: string;
	location?: string;
	images?: number;
	seed?: number;
	pictures?: boolean;
	manifest?: (manifest: Manifest) => Manifest;
	record?: (record: RunRecord) => RunRecord;
}

const COLOURS = ['red', 'green', 'blue', 'yellow', 'purple', 'orange'];
const SHAPES = ['circle', 'square', 'triangle', 'star', 'cross', 'heart'];

interface Kind {
	category: string;
	prompt: string;
	/** Possible answers; the chance is one over their number, or over the number of objects where there are as many. */
	answers: string[];
	byObjects: boolean;
}

const objects = COLOURS.map((colour, i) => `${colour} ${SHAPES[i]}`);
const KINDS: Record<string, Kind[]> = {
	'2ds': [
		{ category: 'color_abs', prompt: 'What color is at the bottom of the image?', answers: COLOURS, byObjects: true },
		{
			category: 'color_rel',
			prompt: 'Is the red object above the blue object?',
			answers: ['yes', 'no'],
			byObjects: false,
		},
		{ category: 'shape_abs', prompt: 'What shape is at the left of the image?', answers: SHAPES, byObjects: true },
		{ category: 'shape_rel', prompt: 'Is the circle below the triangle?', answers: ['yes', 'no'], byObjects: false },
		{
			category: 'shape_color_abs',
			prompt: 'What object is at the top of the image?',
			answers: objects,
			byObjects: true,
		},
		{
			category: 'shape_color_rel',
			prompt: 'Is the red circle left of the blue triangle?',
			answers: ['yes', 'no'],
			byObjects: false,
		},
	],
	'2ds-ventral': [
		{ category: 'color_of', prompt: 'What color is the circle?', answers: COLOURS, byObjects: true },
		{ category: 'presence', prompt: 'Is there a red circle in the image?', answers: ['yes', 'no'], byObjects: false },
		{
			category: 'count',
			prompt: 'How many objects are in the image?',
			answers: ['2', '3', '4', '5', '6'],
			byObjects: false,
		},
	],
	pope: [{ category: 'popular', prompt: 'Is there a dog in the image?', answers: ['yes', 'no'], byObjects: false }],
};

const TITLES = { '2ds': '2DS, yes/no form', '2ds-ventral': '2DS ventral twin', pope: 'POPE' };

const imageName = (i: number) => `scene-${String(i).padStart(3, '0')}.png`;
const drawsOf = (condition: string) => (condition.startsWith('permuted') ? [0, 1, 2] : [0]);

function manifestOf(task: '2ds' | '2ds-ventral' | 'pope', skill: Skill, options: SyntheticOptions): Manifest {
	const images = options.images ?? 50;
	const image = (name: string) => (name === 'text-only' ? 'none' : name === 'wrong-image' ? 'wrong' : 'own');
	const manifest: Manifest = {
		format: RUN_FORMAT,
		dorsal: '0.1.0',
		task: {
			name: task,
			title: options.title ?? TITLES[task],
			dataHash: `${task}-data`,
			facts: { seed: 1, images, form: 'yes-no' },
		},
		backend: {
			kind: 'native',
			model: options.model ?? 'models/tiny-llava',
			modelHash: `hash of ${options.model ?? 'models/tiny-llava'}`,
			graphHash: 'graph',
			promptTemplate: '{{ messages }}',
			visionPath: { layers: [-2], postLayerNorm: false, normalize: null, pool: null, permute: null, scale: 1 },
			versions: { onnxruntime: '1.30.0', provider: 'cpu' },
		},
		conditions: Object.keys(skill.conditions).flatMap((name) =>
			drawsOf(name).map((draw) => ({ name, image: image(name), path: {}, draw }) as const),
		),
		generation: { maxNewTokens: 32, temperature: 0, seed: 0 },
		seed: 0,
		questions: images * KINDS[task]!.length,
		imagesPerBatch: 16,
		gallery: Array.from({ length: Math.min(4, images) }, (_, i) => `${imageName(i)}/0`),
	};
	return options.manifest?.(manifest) ?? manifest;
}

/** A scene that nobody needs to believe: some coloured discs on white. */
function picture(i: number): Promise<Uint8Array> {
	const random = rng(i, 'picture');
	const discs = COLOURS.slice(0, 2 + (i % 5)).map(
		(colour) => `<circle cx="${20 + random.int(296)}" cy="${20 + random.int(296)}" r="20" fill="${colour}"/>`,
	);
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="336" height="336"><rect width="336" height="336" fill="white"/>${discs.join('')}</svg>`;
	return sharp(new TextEncoder().encode(svg)).png().toBuffer();
}

/** A run of a made-up model with the given accuracies, held in memory; its statistics are computed as for any run. */
export async function syntheticRun(skill: Skill, options: SyntheticOptions = {}): Promise<Run> {
	const { task = '2ds', images = 50, seed = 0, location = `runs/${task}`, pictures = false } = options;
	const manifest = manifestOf(task, skill, options);
	const records: RunRecord[] = [];
	for (let i = 0; i < images; i++) {
		const count = 2 + (i % 5);
		for (const [k, kind] of KINDS[task]!.entries()) {
			const answers = kind.byObjects ? kind.answers.slice(0, count) : kind.answers;
			const answer = answers[rng(1, 'answer', i, k).int(answers.length)]!;
			for (const { name, draw } of manifest.conditions) {
				const random = rng(seed, name, draw, i, k);
				const correct = random.next() < skill.conditions[name]!;
				const readable = random.next() >= (skill.unparsed ?? 0);
				const value = correct ? answer : random.pick(answers.filter((other) => other !== answer));
				const record: RunRecord = {
					id: `${imageName(i)}/${k}`,
					image: imageName(i),
					condition: name,
					draw,
					category: kind.category,
					groups: task === 'pope' ? {} : { objects: String(count), form: 'yes-no' },
					prompt: kind.prompt,
					answer,
					chance: 1 / answers.length,
					raw: skill.raw ?? (readable ? value : 'I see some shapes.'),
					value: readable ? value : null,
					status: readable ? 'ok' : 'none',
					correct: correct && readable,
					lenient: correct,
				};
				records.push(options.record?.(record) ?? record);
			}
		}
	}
	const store = memoryStore(location);
	await store.write('manifest.json', jsonFile(manifest));
	await store.append(recordLines(records));
	await store.write('results.json', jsonFile(await resultsOf(manifest, records)));
	if (pictures) {
		for (let i = 0; i < manifest.gallery.length; i++) await writeGalleryImage(store, i, await picture(i));
	}
	return runFrom(store);
}

function lognormal(count: number, [centre, spread]: [number, number]): NormDistribution {
	const [start, width, bins] = [-1, 0.1, 40];
	const density = Array.from({ length: bins }, (_, i) =>
		Math.exp(-(((start + (i + 0.5) * width - centre) / spread) ** 2) / 2),
	);
	const total = density.reduce((sum, d) => sum + d, 0);
	const at = (z: number) => 10 ** (centre + z * spread);
	return {
		count,
		mean: 10 ** centre * Math.exp((spread * Math.LN10) ** 2 / 2),
		min: at(-3),
		max: at(3),
		quantiles: { '0.25': at(-0.6745), '0.5': at(0), '0.75': at(0.6745) },
		histogram: { start, width, counts: density.map((d) => Math.round((d / total) * count)) },
	};
}

/** Norms as the paper draws them: vision tokens some thirty times longer than text. */
export function syntheticNorms({
	model = 'models/tiny-llava',
	side = 8,
}: {
	model?: string;
	side?: number;
} = {}): NormsProbe {
	const vision = lognormal(32_000, [1.4, 0.22]);
	const text = lognormal(1500, [-0.1, 0.12]);
	return {
		probe: 'norms',
		model,
		modelHash: `hash of ${model}`,
		data: '500 scenes of 2DS and their questions',
		images: 500,
		vision,
		projected: null,
		text,
		ratio: { mean: vision.mean / text.mean, median: vision.quantiles['0.5']! / text.quantiles['0.5']! },
		outliers: { threshold: 76, share: 0.012, rule: 'more than three times the median', byPlace: null },
		grid: {
			rows: side,
			columns: side,
			mean: Array.from({ length: side * side }, (_, i) => 22 + 6 * Math.sin(i / 5) + 0.2 * (i % side)),
		},
		hidden: null,
		nearest: null,
	};
}
