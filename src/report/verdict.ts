import { FEWEST_IMAGES, tooFewImages } from '../eval/paired.ts';
import type { ConditionResult, Paired, Score } from '../eval/run.ts';
import { interval, list, percent, plural, withPercent } from './format.ts';
import { againstIntact, conditionOf, type ReportRun, roleOf } from './inputs.ts';
import { drawsRange, effectWords, side } from './words.ts';

/** The answer to the report's question for one model, in words that never say more than the numbers. */
export interface Verdict {
	/**
	 * `few`: too few images to say anything. `untested`: a condition that the answer needs was not run. `chance`: not above
	 * chance, so nothing can be lost. `blind`: as good without the image. `bag`: above chance, and shuffling costs nothing
	 * that can be measured. `undecided`: the same, but a loss that would matter is not excluded. `order`: shuffling costs.
	 * `gain`: it helps.
	 */
	kind: 'few' | 'untested' | 'chance' | 'blind' | 'bag' | 'undecided' | 'order' | 'gain';
	headline: string;
	sentences: readonly string[];
}

/**
 * Shares of the accuracy above chance that shuffling leaves. From `most` on, a model hardly relies on the order of its
 * tokens; below `half`, it relies on it.
 */
export const KEPT = { most: 0.9, half: 0.5 } as const;

/** Share of unreadable answers from which the answer paragraph warns of them. */
export const MANY_UNPARSED = 0.05;

const chanceWords = { below: 'below', within: 'at', above: 'above' } as const;

/** How many of several orders lie above, at and below chance: `each below chance`, `1 above and 2 below chance`. */
function ordersWords(draws: readonly Score[]): string {
	const counted = (['above', 'within', 'below'] as const).map((standing) => ({
		word: chanceWords[standing],
		n: draws.filter((draw) => side(draw.interval, draw.chance) === standing).length,
	}));
	const found = counted.filter(({ n }) => n > 0);
	return found.length === 1 ? `each ${found[0]!.word}` : list(found.map(({ n, word }) => `${n} ${word}`));
}

/**
 * `84.2 % [82.9, 85.5] right, above chance (37.5 %)`; of several orders
 * `39.5 % [37.8, 41.3] right in the mean of 3 orders (32.5 to 50.0), 1 above and 2 below chance (41.1 %)`.
 */
function against({ accuracy, interval: bounds, chance, draws }: ConditionResult): string {
	const right = `${withPercent(accuracy)} ${interval(bounds)} right`;
	const level = `chance (${withPercent(chance)})`;
	if (draws.length < 2) return `${right}, ${chanceWords[side(bounds, chance)]} ${level}`;
	return `${right} in the mean of ${draws.length} orders (${drawsRange(draws)}), ${ordersWords(draws)} ${level}`;
}

/** What an accuracy rests on when many answers could not be read. */
function unparsedWords({ unparsed, lenient }: ConditionResult): string[] {
	if (unparsed <= MANY_UNPARSED) return [];
	return [
		`${withPercent(unparsed)} of its answers could not be read and count as wrong; looking for an answer anywhere in the text gives ${withPercent(lenient)}.`,
	];
}

/** Which categories are not above chance. */
function categoryWords({ byCategory }: ConditionResult): string[] {
	const names = Object.keys(byCategory);
	if (names.length < 2) return [];
	const short = names.filter((name) => side(byCategory[name]!.interval, byCategory[name]!.chance) !== 'above');
	if (short.length === 0) return [`It is above chance in all ${names.length} categories.`];
	if (short.length === names.length) return ['It is above chance in no category.'];
	return [`It is not above chance in ${list(short)}.`];
}

/** Conditions that take the right image away, with what each did. */
function controlsOf(run: ReportRun): { condition: string; paired: Paired }[] {
	return ['text-only', 'wrong-image'].flatMap((condition) => {
		const paired = againstIntact(run, condition);
		return paired ? [{ condition, paired }] : [];
	});
}

/**
 * Least and greatest share of the accuracy above chance that is left: by the interval of the difference, and wide enough
 * to hold every single order.
 */
function keptRange(
	{ accuracy, chance }: ConditionResult,
	{ draws }: ConditionResult,
	{ interval: [low, high] }: Paired,
): [number, number] {
	const above = accuracy - chance;
	const each = draws.map((draw) => (draw.accuracy - chance) / above);
	return [Math.min(1 + low / above, ...each), Math.max(1 + high / above, ...each)];
}

/** What a shuffle that costs leaves above chance, where it leaves nothing overall: in single orders and categories. */
function leftWords({ interval: bounds, chance, draws, byCategory }: ConditionResult): string[] {
	if (side(bounds, chance) === 'above') return [];
	const isAbove = (score: Score) => side(score.interval, score.chance) === 'above';
	const orders = draws.filter(isAbove);
	const leave = orders.length > 1 ? 'leave' : 'leaves';
	const but = ` in the mean, but ${orders.length} of ${draws.length} orders ${leave} ${drawsRange(orders)}\u202f%`;
	const named = Object.entries(byCategory)
		.filter(([, score]) => isAbove(score))
		.map(([name, { accuracy, interval: bounds, chance }]) => {
			return `${name} (${withPercent(accuracy)} ${interval(bounds)}, chance ${withPercent(chance)})`;
		});
	const are = named.length > 1 ? 'are' : 'is';
	const mean = draws.length > 1 ? ' in that mean' : '';
	return [
		`Overall, nothing above chance is left${orders.length > 0 ? but : ''}.`,
		...(named.length > 0 ? [`By category, ${list(named)} ${are} still above it${mean}.`] : []),
	];
}

/** How far a model that loses by shuffling relies on the order: only what holds over the whole interval. */
function reliance([least, greatest]: readonly [number, number]): string {
	if (least >= KEPT.most) return 'hardly relies';
	if (greatest < KEPT.half) return 'relies';
	if (greatest >= KEPT.most) return 'relies to some degree';
	return least >= KEPT.half ? 'relies in part' : 'relies at least in part';
}

/** The interval of PSI under a shuffle, wide enough to hold that of every single order; undefined where there is none. */
function psiRange(run: ReportRun): [number, number] | undefined {
	const [intact, permuted] = [conditionOf(run, 'intact'), conditionOf(run, 'permuted')];
	const bounds = againstIntact(run, 'permuted')?.psiInterval;
	if (!intact || !permuted || !bounds) return undefined;
	const each = permuted.draws.map(({ accuracy }) => 1 - accuracy / intact.accuracy);
	return [Math.min(bounds[0], ...each), Math.max(bounds[1], ...each)];
}

/** "What" beside “where”: whether the same shuffle costs the same on questions without spatial content. */
function whatSentences(where: ReportRun, what: ReportRun | undefined): string[] {
	const intact = what && conditionOf(what, 'intact');
	const paired = what && againstIntact(what, 'permuted');
	if (!intact) return [];
	const asked = `On ${plural(intact.questions, 'question')} about what is there (${what.dataset}) it answers ${against(intact)}`;
	if (!paired) return [`${asked}; these were not asked with shuffled tokens.`];
	if (tooFewImages(paired)) return [`${asked}; their images are too few to say what the shuffle does there.`];
	const sentences = [`${asked}; there the shuffle ${effectWords(paired)}.`];
	const [a, b] = [psiRange(where), psiRange(what)];
	if (side(intact.interval, intact.chance) === 'above' && a && b) {
		if (a[0] > b[1]) sentences.push('So “where” suffers more from the shuffle than “what”.');
		else if (b[0] > a[1]) sentences.push('So “what” suffers more from the shuffle than “where”.');
		else sentences.push('These runs do not tell whether “where” suffers more from the shuffle than “what”.');
	}
	return sentences;
}

/** The verdict of one 2DS run; `what` is the run over the ventral twin by the same model, if there is one. */
export function verdict(where: ReportRun, what: ReportRun | undefined): Verdict {
	const { model } = where;
	const intact = conditionOf(where, 'intact');
	if (!intact) {
		return {
			kind: 'untested',
			headline: `${model} was not asked without changes, so there is nothing to compare with.`,
			sentences: [],
		};
	}
	const images = where.results.images ?? intact.questions;
	if (images < FEWEST_IMAGES) {
		const few = `Too few images to say whether ${model} knows where things are`;
		return { kind: 'few', headline: `${few}: ${images}, where at least ${FEWEST_IMAGES} are needed.`, sentences: [] };
	}
	const asked = `Of ${plural(intact.questions, 'question')} about where things are (${where.dataset}) it answers ${against(intact)}.`;
	const opening = [asked, ...unparsedWords(intact), ...categoryWords(intact)];
	const permuted = conditionOf(where, 'permuted');
	const paired = againstIntact(where, 'permuted');
	const shuffled =
		permuted && paired && `Shuffling its vision tokens ${effectWords(paired)}; it then answers ${against(permuted)}.`;
	const rest = whatSentences(where, what);

	const standing = side(intact.interval, intact.chance);
	if (standing !== 'above') {
		return {
			kind: 'chance',
			headline: `${model} does not tell where things are: it is ${chanceWords[standing]} chance.`,
			sentences: [
				...opening,
				'A model that is not above chance has nothing to lose, so shuffling its tokens cannot show what it does with their order.',
				...rest,
			],
		};
	}
	const controls = controlsOf(where);
	if (controls.length > 0 && controls.every(({ paired }) => side(paired.interval, 0) !== 'below')) {
		const found = controls.map(({ condition, paired }) => `${condition} ${effectWords(paired)}`);
		return {
			kind: 'blind',
			headline: `${model} does as well without the right image as with it.`,
			sentences: [
				...opening,
				`Without the right image nothing is lost: ${list(found)}. What it has above chance need not come from the image, so shuffling tests nothing.`,
				...rest,
			],
		};
	}
	if (!permuted || !paired || !shuffled) {
		return {
			kind: 'untested',
			headline: `${model} is above chance at where things are; the order of its vision tokens was not tested.`,
			sentences: [...opening, ...rest],
		};
	}
	const effect = side(paired.interval, 0);
	const kept = keptRange(intact, permuted, paired);
	if (effect === 'below') {
		return {
			kind: 'order',
			headline: `${model} ${reliance(kept)} on the order of its vision tokens to tell where things are.`,
			sentences: [...opening, shuffled, ...leftWords(permuted), ...rest],
		};
	}
	const caution =
		controls.length > 0 ? [] : ['Whether it needs the image at all was not tested (no text-only or wrong-image run).'];
	const tested = [...opening, shuffled];
	if (effect === 'above') {
		const headline = `${model} does better at where things are with its vision tokens shuffled.`;
		return { kind: 'gain', headline, sentences: [...tested, ...caution, ...rest] };
	}
	const mean = permuted.draws.length > 1 ? ' in the mean of these orders' : '';
	const bound = `A loss above ${percent(-paired.interval[0])} points${mean} is excluded at 95 %`;
	if (kept[0] < KEPT.most) {
		return {
			kind: 'undecided',
			headline: `${model} loses nothing that can be measured when its vision tokens are shuffled, but a loss that would matter is not excluded.`,
			sentences: [...tested, `${bound}, a smaller one is not: more questions would tell.`, ...caution, ...rest],
		};
	}
	return {
		kind: 'bag',
		headline: `${model} tells where things are as well with its vision tokens shuffled: in the paper's words, a “bag of tokens”.`,
		sentences: [
			...tested,
			`${bound}.`,
			'What it knows of position must then come from within the tokens, not from their order.',
			...caution,
			...rest,
		],
	};
}

/** The verdicts of all 2DS runs; what the ventral twin adds is said in each model's first. */
export function verdictsOf(runs: readonly ReportRun[]): (Verdict & { model: string; dataset: string })[] {
	const where = runs.filter((run) => roleOf(run) === 'where');
	return where.map((run) => {
		const isFirst = where.find(({ model }) => model === run.model) === run;
		const what = runs.find((other) => other.model === run.model && roleOf(other) === 'what');
		return { ...verdict(run, isFirst ? what : undefined), model: run.model, dataset: run.dataset };
	});
}
