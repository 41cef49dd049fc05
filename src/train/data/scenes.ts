import { InputError } from '../../base/errors.ts';
import { type Rng, rng } from '../../base/random.ts';
import type { Scene } from '../../bench2ds/scene.ts';
import type { PreprocessConfig } from '../../image/preprocess-config.ts';
import type { Turn } from '../../text/text.ts';
import type { Phase, ScenesData } from '../recipe-data.ts';
import { checkLength, type Layout } from './batch.ts';
import type { Sample, Wording } from './sample.ts';
import { checkRoom, drawPixels, drawScene } from './scene.ts';
import { drawTurn } from './turns.ts';
import { sceneList, sceneMap } from './words.ts';

/** What scenes are drawn for. */
export interface Drawing {
	/** Side of the encoder's input in pixels, and of its grid in patches. */
	size: number;
	side: number;
	config: PreprocessConfig;
	wording: Wording;
}

/** The phase that step `step` of `steps` (1 is the first) falls into. */
export function phaseAt<P extends { share: number }>(phases: readonly P[], step: number, steps: number): P {
	const total = phases.reduce((sum, { share }) => sum + share, 0);
	let end = 0;
	return (
		phases.find(({ share }) => {
			end += share;
			return step <= Math.round((end / total) * steps);
		}) ?? phases.at(-1)!
	);
}

/** The samples of one step: nothing but seed, stage and step determines them. */
export function sceneSamples(
	data: ScenesData,
	{ seed, stage, step, steps, batch }: { seed: number; stage: string; step: number; steps: number; batch: number },
	drawing: Drawing,
): Sample[] {
	const phase = phaseAt(data.phases, step, steps);
	return Array.from({ length: batch }, (_, i) => {
		const random = rng(seed, 'train', stage, step, i);
		const { scene, turns } = drawConversation(random, phase, data.cells);
		return sceneSample(scene, turns, data, random, drawing);
	});
}

/** Scenes drawn for one conversation before it is given up. */
const TRIES = 100;

function drawConversation(random: Rng, phase: Phase, cells: number): { scene: Scene; turns: Turn[] } {
	for (let i = 0; i < TRIES; i++) {
		const scene = drawScene(random, phase);
		const drawn = Array.from({ length: phase.turns }, () =>
			drawTurn(scene, random, { weights: phase.questions, cells }),
		);
		const turns = drawn.filter((turn) => turn !== undefined);
		if (turns.length > 0) return { scene, turns };
	}
	throw new InputError(
		`recipe: none of ${Object.keys(phase.questions).join(', ')} can be asked of scenes of ${phase.objects.join(' to ')} objects`,
		{ code: 'recipe' },
	);
}

/** Conversations of a phase that are drawn to see whether the model can read them. */
const TRIALS = 10;

/** Throws an InputError for phases that cannot be drawn or read, before hours of training have come to them. */
export function checkPhases(data: ScenesData, stage: string, drawing: Drawing, layout: Layout): void {
	if (data.as === 'map' && drawing.side < 2) {
		throw new InputError(
			`recipe: stages: ${stage}: a map needs a grid of at least 2 × 2 patches, and the encoder has one; take "list"`,
			{ code: 'recipe' },
		);
	}
	data.phases.forEach((phase, i) => {
		const where = `stages: ${stage}: phases[${i}]`;
		checkRoom(phase, where);
		for (let trial = 0; trial < TRIALS; trial++) {
			const random = rng(0, 'train', 'phase', i, trial);
			const { scene, turns } = drawConversation(random, phase, data.cells);
			checkLength(sceneSample(scene, turns, data, random, drawing), layout, `recipe: ${where}: `);
		}
	});
}

/** A scene and questions about it, each a branch of its own. */
export function sceneSample(
	scene: Scene,
	turns: readonly Turn[],
	{ as, cells }: Pick<ScenesData, 'as' | 'cells'>,
	random: Rng,
	{ size, side, config, wording }: Drawing,
): Sample {
	const branches = turns.map((turn) => wording.branch([turn]));
	if (as === 'image') {
		const pixels = new Float32Array(3 * size * size);
		drawPixels(scene, random, { size, config, out: pixels });
		return { pixels, prefix: [...wording.lead, wording.imageId], branches };
	}
	const words = as === 'map' ? sceneMap(scene, side) : sceneList(scene, cells, random);
	return { pixels: null, prefix: [...wording.lead, ...wording.words(words)], branches };
}
