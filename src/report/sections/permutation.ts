import { FEWEST_IMAGES } from '../../eval/paired.ts';
import type { ConditionResult } from '../../eval/run.ts';
import { count, list, percent, points } from '../format.ts';
import { type HtmlValue, html } from '../html.ts';
import {
	againstIntact,
	conditionOf,
	datasetsOf,
	modelsOf,
	type ReportData,
	type ReportRun,
	roleOf,
} from '../inputs.ts';
import { PAPER_TABLE_1, type PaperPermutation } from '../paper.ts';
import type { Section } from '../section.ts';
import { accuracyCell, type Column, estimate, LENIENT_HEAD, lenientCell, NOTHING, table } from '../tables.ts';
import { differenceBounds, drawsRange, psiBounds } from '../words.ts';

const OURS: readonly Column[] = [
	{ head: 'n' },
	{ head: 'Original' },
	{ head: 'Permuted' },
	{ head: 'Difference' },
	{ head: 'PSI' },
	{ head: 'Chance' },
	{ head: LENIENT_HEAD },
];

const PAPERS: readonly Column[] = [
	{ head: 'Original', kind: 'paper' },
	{ head: 'Permuted', kind: 'paper' },
	{ head: 'Difference', kind: 'paper' },
];

const range = ({ draws }: ConditionResult) => html`<span class="bounds">${drawsRange(draws)}</span>`;

function ourCells(run: ReportRun | undefined): HtmlValue[] {
	const intact = run && conditionOf(run, 'intact');
	if (!run || !intact) return OURS.map(() => NOTHING);
	const permuted = conditionOf(run, 'permuted');
	const paired = againstIntact(run, 'permuted');
	return [
		count(intact.questions),
		accuracyCell(intact),
		[accuracyCell(permuted), permuted && permuted.draws.length > 1 && range(permuted)],
		paired ? estimate(points(paired.difference), differenceBounds(paired)) : NOTHING,
		paired && paired.psi !== null ? estimate(percent(paired.psi), psiBounds(paired)) : NOTHING,
		percent(intact.chance),
		lenientCell(intact),
	];
}

function paperCells(paper: PaperPermutation | undefined): HtmlValue[] {
	if (!paper) return PAPERS.map(() => NOTHING);
	const twoDecimals = (fraction: number) => (fraction * 100).toFixed(2).replace('-', '−');
	return [paper.original, paper.permutation, paper.difference].map(twoDecimals);
}

/** The paper's Table 1: accuracy with vision tokens in order and shuffled, by data set. */
export function permutationSection({ runs }: ReportData): Section {
	const models = modelsOf(runs);
	const several = models.length > 1;
	const roles = new Set(runs.map(roleOf));
	const orders = [...new Set(runs.map((run) => String(conditionOf(run, 'permuted')?.draws.length || 1)))];
	const tasks = new Set(runs.map((run) => run.manifest.task.name));
	const cellsOf = (run: ReportRun): HtmlValue[] => [
		several ? run.model : run.dataset,
		...ourCells(run),
		...paperCells(PAPER_TABLE_1.find(({ task }) => task === run.manifest.task.name)),
	];
	const ours = datasetsOf(runs).map((dataset) => ({
		...(several ? { head: dataset } : {}),
		rows: runs.filter((run) => run.dataset === dataset).map(cellsOf),
	}));
	const notRun = PAPER_TABLE_1.filter(({ task }) => !tasks.has(task)).map((paper) => [
		paper.dataset,
		...ourCells(undefined),
		...paperCells(paper),
	]);
	const rest = notRun.length > 0 ? [{ ...(several ? { head: 'In the paper alone' } : {}), rows: notRun }] : [];
	const spans = [
		{ label: '', columns: 1 },
		{ label: several ? 'These models' : models[0], columns: OURS.length },
		{ label: 'Paper, Table 1: LLaVA-1.5 7B', columns: PAPERS.length },
	];
	return {
		id: 'permutation',
		title: 'Shuffling the vision tokens (Table 1)',
		html: html`<p>Accuracy with the vision tokens in their order and shuffled, in percent. A dash means not measured here, or not printed in the paper.</p>
${table('Table 1: accuracy before and after shuffling the vision tokens', [{ head: several ? 'Model' : 'Data set', kind: 'text' }, ...OURS, ...PAPERS], [...ours, ...rest], spans)}
<p class="note">n: questions a condition. Original and Permuted: strict accuracy with its 95 % Wilson interval. Permuted is the mean over ${list(orders)} random orders, each the same for all images; below its interval stand the least and the greatest accuracy among them, as intervals are over images for these orders, not over all orders. Difference (in points) and PSI, the share of the accuracy that is lost (in percent): paired on the same questions, 95 % bootstrap clustered by image, of at least ${FEWEST_IMAGES} images. Chance: a guess that knows the question and the possible answers but not the image${roles.has('where') && '; in 2DS it also knows which objects are there, but not where'}${roles.has('what') && '; in the ventral twin, asked for a colour or a shape, it also knows which there are, but not of which object'}. Lenient: accuracy when the answer is looked for anywhere in the text; Unparsed: answers that could not be read, counted as wrong; both of Original. The paper's columns are its own, from its own model, prompts and scorers.</p>`,
		figures: [],
	};
}
