import { table } from '../../base/columns.ts';
import type {
	Change,
	Changes,
	CompressionProbe,
	InterventionsProbe,
	PermutationProbe,
} from '../../probes/accuracy-results.ts';
import { count, fixed, interval, percent, plural, points, pValue } from '../../report/format.ts';

type Asked = PermutationProbe | CompressionProbe | InterventionsProbe;

const heading = ({ data, model, questions }: Asked, what: string): string =>
	`${data}, ${model}: ${plural(questions, 'question')} ${what}; percent`;

const change = ({ difference, interval: range }: Pick<Change, 'difference' | 'interval'>): string =>
	`${points(difference)} ${interval(range, points)}`;

const HEAD = ['right', '95 %', 'against intact', 'p', 'PSI', 'changed answers'];

function cells({ score, psi, flips, p, ...rest }: Change): string[] {
	const share = psi === null ? '' : percent(psi);
	return [percent(score.accuracy), interval(score.interval), change(rest), pValue(p), share, percent(flips.all.share)];
}

const intactRow = (lead: readonly string[], { intact: { overall } }: Asked): string[] => {
	return [...lead, percent(overall.accuracy), interval(overall.interval), '', '', '', ''];
};

const draws = (n: number): string => (n > 1 ? ` (${n} draws)` : '');

/** Whether the interval of a difference leaves out 0. */
const isClear = ({ interval: [low, high] }: Pick<Change, 'interval'>): boolean => low > 0 || high < 0;

/** Whether `intact` is better than guessing; a model that guesses has nothing to lose. */
const knows = ({ intact: { overall } }: Asked): boolean => overall.interval[0] > overall.chance;

const guesses = ({ intact: { overall } }: Asked): string =>
	`The model is not better than chance here (${percent(overall.accuracy)} % right, chance ${percent(overall.chance)} %), so this says nothing about how it uses its tokens.`;

const ORDERS: Readonly<Record<PermutationProbe['orders'][number]['within'], string>> = {
	grid: 'anywhere',
	rows: 'within rows',
	columns: 'within columns',
	blocks: 'within blocks',
	reversed: 'reversed',
};

const orderName = ({ within, block }: PermutationProbe['orders'][number]): string =>
	block === null ? ORDERS[within] : `${ORDERS[within]} of ${block} × ${block}`;

/** Values of a change by category, one column a condition. */
function byCategory(
	title: string,
	conditions: readonly Changes[],
	names: readonly string[],
	print: (change: Change) => string,
): string[] {
	const categories = Object.keys(conditions[0]?.byCategory ?? {});
	if (categories.length < 2) return [];
	const rows = categories.map((category) => [
		category,
		...conditions.map((condition) => {
			const found = condition.byCategory[category];
			return found ? print(found) : '';
		}),
	]);
	return [table([[title, ...names], ...rows])];
}

export function permutationText(result: PermutationProbe): string {
	const { orders } = result;
	const rows = orders.map((order) => [orderName(order) + draws(order.draws), ...cells(order.overall)]);
	return [
		heading(result, 'an order'),
		table([['tokens shuffled', ...HEAD], intactRow(['not at all (intact)'], result), ...rows]),
		...byCategory('PSI', orders, orders.map(orderName), ({ psi }) => (psi === null ? '–' : percent(psi))),
		permutationFinding(result),
	].join('\n\n');
}

function permutationFinding(result: PermutationProbe): string {
	if (!knows(result)) return guesses(result);
	const { orders } = result;
	const [whole, ...parts] = orders as [PermutationProbe['orders'][number], ...PermutationProbe['orders']];
	const flips = `${percent(whole.overall.flips.all.share)} % of the answers change`;
	const first = isClear(whole.overall)
		? `Shuffling all vision tokens moves accuracy by ${change(whole.overall)} points, and ${flips}: the answers rest on the order of the tokens.`
		: `Shuffling all vision tokens moves accuracy by ${change(whole.overall)} points, which chance can explain, though ${flips}: what is right does not rest on the order of the tokens.`;
	const worst = parts
		.filter(({ overall }) => isClear(overall) && overall.difference < 0)
		.sort((a, b) => a.overall.difference - b.overall.difference)[0];
	if (!worst) return first;
	return `${first} Of the other orders "${orderName(worst)}" costs most: ${change(worst.overall)} points.`;
}

export function compressionText(result: CompressionProbe): string {
	const { points: ways, tokens, retrained } = result;
	const rows = ways.map(({ method, positions, tokens: left, draws: n, overall }) => [
		method + draws(n),
		positions ?? '',
		count(left),
		...cells(overall),
	]);
	const parts = [
		heading(result, 'a number of tokens'),
		table([
			['tokens kept by', 'positions', 'tokens', ...HEAD],
			intactRow(['all (intact)', '', count(tokens)], result),
			...rows,
		]),
	];
	if (retrained.length > 0) {
		const others = retrained.map(({ model, tokens: left, overall, ...rest }) => {
			return [model, count(left), percent(overall.accuracy), interval(overall.interval), change(rest)];
		});
		parts.push(table([['retrained', 'tokens', 'right', '95 %', `against ${count(tokens)} tokens`], ...others]));
	}
	return [...parts, compressionFinding(result)].join('\n\n');
}

function compressionFinding(result: CompressionProbe): string {
	if (!knows(result)) return guesses(result);
	const { points: ways, tokens } = result;
	const kept = ways.filter(({ overall }) => !isClear(overall) || overall.difference > 0);
	const [fewest] = [...kept].sort((a, b) => a.tokens - b.tokens || b.overall.difference - a.overall.difference);
	const least = [...ways].sort((a, b) => a.tokens - b.tokens || b.overall.difference - a.overall.difference)[0];
	if (!least) return 'No smaller number of tokens was asked for.';
	if (!fewest) {
		return `Every smaller number of tokens costs accuracy measurably; with ${plural(least.tokens, 'token')} at best (${least.method}) it moves by ${change(least.overall)} points.`;
	}
	return `${plural(fewest.tokens, 'token')} of ${count(tokens)} (${fewest.method}) are the fewest that cost nothing measurable: ${change(fewest.overall)} points.`;
}

export function interventionsText(result: InterventionsProbe): string {
	const { conditions } = result;
	const rows = conditions.map(({ name, draws: n, overall }) => [name + draws(n), ...cells(overall)]);
	return [
		heading(result, 'an intervention'),
		table([['intervention', ...HEAD], intactRow(['none (intact)'], result), ...rows]),
		interventionsFinding(result),
	].join('\n\n');
}

function interventionsFinding({ conditions }: InterventionsProbe): string {
	const [best] = [...conditions].sort((a, b) => b.overall.difference - a.overall.difference);
	const tried = conditions.length;
	// Bonferroni: of many interventions the best is likely to look good by chance.
	const p = Math.min(1, best!.overall.p * tried);
	const corrected = `p ${p < 0.001 ? pValue(p) : `= ${fixed(p, 3)}`}${tried > 1 ? `, corrected for ${tried} tries` : ''}`;
	const what = `${best!.name} (${change(best!.overall)} points; ${corrected})`;
	return best!.overall.difference > 0 && p < 0.05
		? `Best is ${what}: it helps at inference.`
		: `None of ${plural(tried, 'intervention')} raises accuracy measurably; the best is ${what}.`;
}
