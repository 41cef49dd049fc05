import { rng } from '../base/random.ts';
import { generateBench } from '../bench2ds/bench.ts';
import { benchRecords, ventralRecords } from '../bench2ds/record.ts';
import { preprocess } from '../image/preprocess.ts';
import { gridSide } from '../vlm/clip.ts';
import { chatWording, type Sample } from './data/sample.ts';
import { sceneSample } from './data/scenes.ts';
import type { Recipe, Stage } from './recipe.ts';
import type { ScenesData } from './recipe-data.ts';
import type { StageContext, StageRunner } from './stage.ts';

/** Accuracies on a small 2DS, as fractions of 1. An answer counts where it would be generated word for word. */
export interface Evaluation {
	/** 2DS with relations asked as yes-no questions: the mean of its six types. */
	yesNo: number;
	/** 2DS with relations asked in the direction form. */
	direction: number;
	/** The ventral twin. */
	ventral: number;
	/** By question type; direction forms are `color_where`, `shape_where` and `shape_color_where`. */
	byType: Record<string, number>;
}

export interface EvaluationSet {
	samples: readonly Sample[];
	/** Type of each question of each sample. */
	types: readonly (readonly string[])[];
}

/** How the model is asked while a stage trains it: as the stage's own scenes are given. Null where it cannot be asked. */
export function askedAs(stage: Stage): Pick<ScenesData, 'as' | 'cells'> | null {
	if (stage.kind !== 'dialogue') return null;
	return stage.data.source === 'scenes' ? stage.data : { as: 'image', cells: 8 };
}

/** 2DS and its ventral twin as samples, every question about an image a branch. */
export function evaluationSet(
	{ images, seed }: NonNullable<Recipe['evaluate']>,
	data: Pick<ScenesData, 'as' | 'cells'>,
	{ text, config, preprocess: pixels }: Pick<StageContext, 'text' | 'config' | 'preprocess'>,
): EvaluationSet {
	const bench = generateBench({ images, seed, form: 'both' });
	const spatial = benchRecords(bench);
	const ventral = ventralRecords(bench);
	const size = config.vision.imageSize;
	const drawing = { size, side: gridSide(config.vision), config: pixels, wording: chatWording(text) };
	const types: string[][] = [];
	const samples = bench.entries.map(({ scene, key }, i) => {
		const questions = [...spatial[i]!.qa_pairs, ...ventral[i]!.qa_pairs];
		types.push(
			questions.map(({ qa_category: type, form }) => (form === 'direction' ? type.replace('_rel', '_where') : type)),
		);
		const sample = sceneSample(scene, questions, data, rng(seed, 'evaluate', key), drawing);
		// The benchmark's own pixels, scaled down as they are when the model is asked.
		return sample.pixels ? { ...sample, pixels: preprocess(bench.image(key), pixels).data } : sample;
	});
	return { samples, types };
}

const KINDS = ['color', 'shape', 'shape_color'];
const typesOf = (...forms: string[]) => forms.flatMap((form) => KINDS.map((kind) => `${kind}_${form}`));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Asks the model as it stands. */
export async function evaluateStage(
	{ samples, types }: EvaluationSet,
	answers: NonNullable<StageRunner['answers']>,
): Promise<Evaluation> {
	const right = await answers(samples);
	const byType: Record<string, number> = {};
	for (const type of new Set(types.flat())) {
		const own = right.flatMap((list, i) => list.filter((_, k) => types[i]![k] === type));
		byType[type] = own.filter(Boolean).length / own.length;
	}
	const over = (names: string[]) => mean(names.map((name) => byType[name]!));
	return {
		yesNo: over(typesOf('abs', 'rel')),
		direction: over(typesOf('abs', 'where')),
		ventral: over(['color', 'shape', 'exists', 'count']),
		byType,
	};
}
