import { table } from '../../base/columns.ts';
import { mapCaption } from '../../probes/overlay.ts';
import type {
	AttentionProbe,
	BalanceProbe,
	HiddenNormLayer,
	NormDistribution,
	NormsProbe,
	RopeProbe,
} from '../../probes/results.ts';
import { count, fixed, interval, percent, plural, significant } from '../../report/format.ts';
import { PAPER_TABLE_4 } from '../../report/paper.ts';
import { pairedSide } from '../../report/sections/paired.ts';

interface Spread {
	mean: number;
	low: number;
	high: number;
}

const spread = ({ mean, low, high }: Spread, print: (value: number) => string = significant): string =>
	`${print(mean)} ${interval([low, high], print)}`;
const entropy = (value: number): string => fixed(value, 3);
const heading = ({ data, model }: { data: string; model: string }, what: string): string =>
	`${data}, ${model}: ${what}`;
const mean = (values: readonly (number | null)[]): number | null => {
	const found = values.filter((value) => value !== null);
	return found.length === 0 ? null : found.reduce((a, b) => a + b, 0) / found.length;
};

export function normsText(result: NormsProbe): string {
	const { vision, projected, text, ratio, outliers, grid, hidden, nearest } = result;
	const row = (name: string, { count: n, min, max, mean: average, quantiles }: NormDistribution) => [
		name,
		count(n),
		...[min, quantiles['0.25']!, quantiles['0.5']!, quantiles['0.75']!, max, average].map(significant),
	];
	const sizes = [
		['tokens', 'number', 'least', 'lower quartile', 'median', 'upper quartile', 'greatest', 'mean'],
		row('vision', vision),
		...(projected ? [row('vision, after the projector alone', projected)] : []),
		row('text', text),
	];
	const parts = [heading(result, 'L2 norms'), table(sizes)];
	if (hidden) {
		const kinds = (['bos', 'system', 'vision', 'user'] as const).filter((kind) =>
			hidden.layers.some((layer: HiddenNormLayer) => layer[kind] !== null),
		);
		const rows = hidden.layers.map((layer) => [
			String(layer.layer),
			...kinds.map((kind) => (layer[kind] === null ? '' : significant(layer[kind]))),
		]);
		const head = [`hidden state (${plural(hidden.images, 'image')})`, ...kinds];
		parts.push(table([head, ...rows]));
	}
	if (nearest) {
		const words = nearest.words
			.slice(0, 5)
			.map(({ word, share: part }) => `${JSON.stringify(word)} ${percent(part)} %`);
		parts.push(
			`Cosine of a vision token to the nearest word embedding: mean ${fixed(nearest.mean, 3)}, least ${fixed(nearest.min, 3)}, greatest ${fixed(nearest.max, 3)}; nearest most often: ${words.join(', ')}.`,
		);
	}
	const { byPlace } = outliers;
	const top = byPlace?.indexOf(Math.max(...byPlace));
	const where =
		byPlace && outliers.share > 0
			? `; most often in row ${Math.floor(top! / grid.columns) + 1}, column ${(top! % grid.columns) + 1} of ${grid.rows} × ${grid.columns} (${percent(byPlace[top!]!)} % of the images)`
			: '';
	parts.push(
		`Outliers: ${percent(outliers.share)} % of the vision tokens have a norm above ${significant(outliers.threshold)}${where}.`,
	);
	const orders = Math.log10(ratio.median);
	const far =
		Math.abs(orders) < 0.3
			? 'within a factor of two of each other'
			: `${significant(Math.abs(orders))} orders of magnitude apart`;
	parts.push(
		`The median vision token is ${significant(ratio.median)} times as long as the median text embedding (means: ${significant(ratio.mean)} times): ${far}. The paper finds one to two orders of magnitude in LLaVA-1.5 7B.`,
	);
	return parts.join('\n\n');
}

export function ropeText(result: RopeProbe): string {
	const { conditions, theory } = result;
	const rows = conditions.map(({ name, trained, absDeltaGV, deltaAlphaV, absDeltaAlphaV }) => [
		name + (trained ? ', as trained' : ''),
		spread(absDeltaGV),
		spread(deltaAlphaV),
		spread(absDeltaAlphaV),
	]);
	const layers = conditions[0]!.byHead.alphaV.map((_, layer) => [
		String(layer),
		...conditions.flatMap(({ byHead }) => [
			percent(mean(byHead.alphaV[layer]!)!),
			significant(mean(byHead.absDeltaGV[layer]!)!),
			significant(mean(byHead.deltaAlphaV[layer]!.map(Math.abs))!),
		]),
	]);
	const worst = Math.max(...theory.map(({ error }) => error));
	const steepest = theory.reduce((a, b) => (b.sensitivity.closed > a.sensitivity.closed ? b : a));
	const longest = theory.reduce((a, b) => (b.scale > a.scale ? b : a));
	return [
		heading(result, 'vision keys turned on by one position'),
		table([['vision tokens', '|Δg_V|', 'Δα_V', '|Δα_V|'], ...rows]),
		`By layer, means over heads: share of vision in percent, |Δg_V|, |mean Δα_V|${conditions.length > 1 ? `; ${conditions.map(({ name }) => name).join(', then ')}` : ''}`,
		table([['layer', ...conditions.flatMap(() => ['α_V', '|Δg_V|', '|Δα_V|'])], ...layers]),
		`Theory: |dα_V/dφ| is greatest, ${significant(steepest.sensitivity.closed)}, where vision keys are ${significant(steepest.scale)} times as long as text keys; at ${significant(longest.scale)} times it is ${significant(longest.sensitivity.closed)}. Closed form and finite differences agree to ${significant(worst)} of the largest possible slope.`,
		ropeFinding(result),
	].join('\n\n');
}

function ropeFinding({ conditions, difference }: RopeProbe): string {
	const [plain, other] = conditions as [RopeProbe['conditions'][number], RopeProbe['conditions'][number]?];
	const first = `Turning the vision keys by one position moves the attention on vision by ${percent(plain.absDeltaAlphaV.mean)} points of 100 in the mean over heads`;
	if (!other) return `${first}.`;
	const [a, b] = [plain.absDeltaAlphaV, other.absDeltaAlphaV];
	const second = `${other.name}: ${percent(b.mean)} points`;
	const side = pairedSide(a, b, difference?.absDeltaAlphaV);
	if (side !== 'above' && side !== 'below') return `${first}; ${second}, which is no clear difference.`;
	return `${first}; ${second}, ${significant(b.mean / a.mean)} times as much: normalised tokens are ${side === 'above' ? 'more' : 'less'} sensitive to position.`;
}

export function balanceText(result: BalanceProbe): string {
	const { conditions } = result;
	const parts = ['bos', 'system', 'vision', 'user', 'answer'] as const;
	const rows = conditions.map(({ name, balance, shares }) => [
		name,
		spread(balance, entropy),
		...parts.map((part) => percent(shares[part].mean)),
	]);
	const tables = conditions.map(({ name, balanceByHead, sharesByLayer }) =>
		table([
			[`layer, ${name}`, 'balance', ...parts],
			...sharesByLayer.map((shares, layer) => {
				const balance = mean(balanceByHead[layer]!);
				return [String(layer), balance === null ? '' : entropy(balance), ...parts.map((part) => percent(shares[part]))];
			}),
		]),
	);
	const [asked] = conditions;
	return [
		heading(result, 'cross-modal balance, vision / (vision + user text), and shares of attention in percent'),
		table([['prompt', 'balance', ...parts], ...rows]),
		...tables,
		...(conditions.length === 1 ? ['The prompt has no system part, so there is nothing to leave out.'] : []),
		`${percent(asked!.shares.vision.mean)} % of the attention goes to the image and ${percent(asked!.shares.user.mean)} % to the question; of what these two get the image has ${percent(asked!.visionOfImageAndUser)} %.`,
	].join('\n\n');
}

export function attentionText(result: AttentionProbe): string {
	const { entropy: found, layers, maps } = result;
	const rows = layers.map((layer, i) => [
		String(layer),
		entropy(found.byLayer.meanOfH[i]!),
		entropy(found.byLayer.hOfMean[i]!),
	]);
	const looks = maps.map(({ image, question, answer, token, visionShare, entropy: spreadOut }) => [
		image,
		question,
		answer,
		token.text,
		percent(visionShare),
		entropy(spreadOut),
	]);
	return [
		heading(result, `normalised entropy of attention over the image, ${plural(found.rows, 'token')} of answers`),
		table([
			['layer', 'mean(H)', 'H(mean)'],
			...rows,
			['all', spread(found.meanOfH, entropy), spread(found.hOfMean, entropy)],
		]),
		`Tokens of the answer, first to last: ${found.byToken.slice(0, 8).map(entropy).join(', ')}${found.byToken.length > 8 ? ' …' : ''}. All rows averaged first: ${entropy(found.hOfMeanOverAll)}.`,
		...(looks.length > 0 ? [looksTable(looks), ...(maps.length === 1 ? [mapCaption(maps[0]!)] : [])] : []),
		attentionFinding(result),
	].join('\n\n');
}

const looksTable = (rows: readonly string[][]): string =>
	table([['map', 'question', 'answer', 'token', 'vision share, %', 'H'], ...rows]);

function attentionFinding({ data, entropy: { meanOfH } }: AttentionProbe): string {
	const value = spread(meanOfH, entropy);
	const much = meanOfH.mean > 0.9 ? 'spread over nearly the whole image' : meanOfH.mean > 0.6 ? 'broad' : 'focused';
	const paper = PAPER_TABLE_4.find(({ names }) => names.test(data));
	const beside = paper
		? ` The paper has ${fixed(paper.entropy[0], 2)} for LLaVA-1.5 7B on ${paper.dataset}; sizes of models with other numbers of tokens do not compare.`
		: '';
	return `Entropy ${value} of at most 1: attention over the image is ${much}.${beside}`;
}
