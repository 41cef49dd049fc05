import type { Metrics, Scorer } from '../score-engine.ts';
import { Tally } from '../score-tally.ts';
import type { CvBenchQuestion } from './data.ts';
import { cambrian, lenient, lmmsEval, type Reader, vlmEvalKit } from './readers.ts';

/** Accuracies by `ADE20K`, `COCO`, `Omni3D`, by `2D` and `3D`, and over `all`. */
type Tallies = { bySource: Tally; byType: Tally; byTask: Tally; all: Tally };
type Figures = (tallies: Tallies) => { accuracy2D: number | null; accuracy3D: number | null; accuracy: number | null };

const mean = (values: readonly (number | null)[]): number | null =>
	values.length === 0 || values.includes(null)
		? null
		: values.reduce<number>((sum, value) => sum + value!, 0) / values.length;

/** Both halves where both are there, else the one that is. */
function over2DAnd3D(accuracy2D: number | null, accuracy3D: number | null, combine: () => number | null) {
	const accuracy = accuracy2D !== null && accuracy3D !== null ? combine() : (accuracy2D ?? accuracy3D);
	return { accuracy, accuracy2D, accuracy3D };
}

/** The published formula: 2D is the mean of its two sources, the whole the mean of 2D and 3D. */
const published: Figures = ({ bySource }) => {
	const flat = mean([bySource.mean('ADE20K'), bySource.mean('COCO')]);
	const deep = bySource.mean('Omni3D');
	return over2DAnd3D(flat, deep, () => mean([flat, deep]));
};

/** Plain means over questions. */
const micro: Figures = ({ byType, all }) => ({
	accuracy: all.mean('all'),
	accuracy2D: byType.mean('2D'),
	accuracy3D: byType.mean('3D'),
});

/** VLMEvalKit has two data sets: 2D by sources, 3D plain; nothing over both. */
const twoSets: Figures = ({ bySource, byType }) => {
	const sources = ['ADE20K', 'COCO'].map((source) => bySource.mean(source)).filter((value) => value !== null);
	return over2DAnd3D(mean(sources), byType.mean('3D'), () => null);
};

/** The paper's figure is 2D alone, plain. */
const paper: Figures = (tallies) => {
	const figures = micro(tallies);
	return { ...figures, accuracy: figures.accuracy2D };
};

function scorer(read: Reader, figures: Figures): Scorer<CvBenchQuestion> {
	const tallies: Tallies = { bySource: new Tally(), byType: new Tally(), byTask: new Tally(), all: new Tally() };
	return {
		add(question, { text }) {
			const { value, right } = read(question, text);
			const score = right ? 1 : 0;
			tallies.bySource.add(question.source, score);
			tallies.byType.add(question.type, score);
			tallies.byTask.add(question.task, score);
			tallies.all.add('all', score);
			return { value, score };
		},
		metrics: (): Metrics => ({
			...figures(tallies),
			bySource: tallies.bySource.means(),
			byTask: tallies.byTask.means(),
			counts: { bySource: tallies.bySource.counts(), byTask: tallies.byTask.counts() },
		}),
	};
}

/**
 * `official`: the authors' reader and published formula. `cambrian`: the same reader, plain means, as their scripts
 * print them. `lmms-eval` and `vlmevalkit`: theirs. `paper`: plain mean over 2D; the paper asked a judge model, whose
 * place the lenient reader takes. `lenient`: the sensible reader under the published formula.
 */
export const cvBenchScorers: Record<string, () => Scorer<CvBenchQuestion>> = {
	official: () => scorer(cambrian, published),
	lenient: () => scorer(lenient, published),
	cambrian: () => scorer(cambrian, micro),
	'lmms-eval': () => scorer(lmmsEval, micro),
	vlmevalkit: () => scorer(vlmEvalKit, twoSets),
	paper: () => scorer(lenient, paper),
};
