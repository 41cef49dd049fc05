import type { Score } from '../../eval/run.ts';
import { count, interval, percent, points } from '../format.ts';
import { type Html, type HtmlValue, html } from '../html.ts';
import { conditionOf, type ReportData, type ReportRun } from '../inputs.ts';
import { PAPER_MODELS, PAPER_TABLE_2, PAPER_TABLE_2_OVERALL } from '../paper.ts';
import { accuracyCell, type Column, estimate, LENIENT_HEAD, lenientCell, NOTHING, table } from '../tables.ts';

/** Models up to which each has columns of its own; more of them are rows. */
const SIDE_BY_SIDE = 2;

/** Scores under `intact` of one category, or of all for null. */
function scoreOf(run: ReportRun, category: string | null): Score | undefined {
	const intact = conditionOf(run, 'intact');
	return category === null ? intact : intact?.byCategory[category];
}

/** Categories of these runs, the paper's first and in its order. */
export function categoriesOf(runs: readonly ReportRun[]): string[] {
	const ours = new Set(runs.flatMap((run) => Object.keys(conditionOf(run, 'intact')?.byCategory ?? {})));
	const paper = Object.keys(PAPER_TABLE_2).filter((category) => ours.has(category));
	return [...paper, ...[...ours].filter((category) => !paper.includes(category))];
}

/** One line for each thing that the paper adds to the model. */
function paperHead(name: string): HtmlValue {
	return name.split(/(?<=\w) (?=\+)/).map((part, i) => (i === 0 ? part : html`<br>${part}`));
}

/** Accuracy by category of question under `intact`, beside the paper's Table 2. */
export function categoryTable(dataset: string, runs: readonly ReportRun[], { comparisons }: ReportData): Html {
	const draw = runs.length > SIDE_BY_SIDE ? modelsInRows : modelsInColumns;
	return draw(
		dataset,
		runs,
		comparisons.filter((c) => c.dataset === dataset),
	);
}

type Comparisons = ReportData['comparisons'];

const titleOf = (dataset: string) => `Table 2: accuracy by category, ${dataset}`;
const PAPER = 'Paper, Table 2 (7B, its own 2DS)';
const paperCells = (papers: readonly (readonly number[] | undefined)[], i: number): HtmlValue[] =>
	papers.map((paper) => (paper ? (paper[i]! * 100).toFixed(2) : NOTHING));

function modelsInRows(dataset: string, runs: readonly ReportRun[], comparisons: Comparisons): Html {
	const categories = [null, ...categoriesOf(runs)];
	const papers = categories.map((category) => (category === null ? PAPER_TABLE_2_OVERALL : PAPER_TABLE_2[category]));
	const firsts = categories.map((category) => scoreOf(runs[0]!, category));
	const row = (run: ReportRun): HtmlValue[] => {
		const [overall, ...cells] = categories.map((category): HtmlValue => {
			const paired = comparisons.find((c) => c.b === run.model && c.paired.category === category)?.paired;
			const against = paired ? [points(paired.difference), interval(paired.interval, points)] : [];
			return [
				accuracyCell(scoreOf(run, category)),
				...against.map((line) => html`<span class="bounds">${line}</span>`),
			];
		});
		return [run.model, overall, lenientCell(scoreOf(run, null)), ...cells];
	};
	/** A row of figures that have no lenient reading. */
	const plain = (name: string, [overall, ...cells]: readonly HtmlValue[]): HtmlValue[] => [
		name,
		overall,
		NOTHING,
		...cells,
	];
	const asked: HtmlValue[][] = [
		plain(
			'n',
			firsts.map((score) => (score ? count(score.questions) : NOTHING)),
		),
		plain(
			'Chance',
			firsts.map((score) => (score ? percent(score.chance) : NOTHING)),
		),
	];
	const columns: Column[] = [
		{ head: 'Model', kind: 'text' },
		{ head: 'Overall' },
		{ head: LENIENT_HEAD },
		...categories.slice(1).map((head) => ({ head })),
	];
	const base = comparisons[0]?.a;
	const groups = [
		{ rows: asked },
		{ head: base ? `These models, and in points against ${base}` : 'These models', rows: runs.map(row) },
		{ head: PAPER, rows: PAPER_MODELS.map((name, i) => plain(name, paperCells(papers, i))) },
	];
	return table(titleOf(dataset), columns, groups);
}

function modelsInColumns(dataset: string, runs: readonly ReportRun[], comparisons: Comparisons): Html {
	const compared = (run: ReportRun) => comparisons.filter((c) => c.b === run.model);
	const differs = (run: ReportRun) => compared(run).length > 0;
	const row = (label: HtmlValue, category: string | null, paper: readonly number[] | undefined): HtmlValue[] => {
		const first = scoreOf(runs[0]!, category);
		const cells = runs.flatMap((run) => {
			const score = scoreOf(run, category);
			const paired = compared(run).find((c) => c.paired.category === category)?.paired;
			return [
				accuracyCell(score),
				...(differs(run)
					? [paired ? estimate(points(paired.difference), interval(paired.interval, points)) : NOTHING]
					: []),
				lenientCell(score),
			];
		});
		const papers = PAPER_MODELS.flatMap((_, i) => paperCells([paper], i));
		return [
			label,
			first ? count(first.questions) : NOTHING,
			first ? percent(first.chance) : NOTHING,
			...cells,
			...papers,
		];
	};
	const columns: Column[] = [
		{ head: 'Category', kind: 'text' },
		{ head: 'n' },
		{ head: 'Chance' },
		...runs.flatMap((run) => [
			{ head: 'Accuracy' },
			...(differs(run) ? [{ head: html`against <br>${compared(run)[0]!.a}` }] : []),
			{ head: LENIENT_HEAD },
		]),
		...PAPER_MODELS.map((name) => ({ head: paperHead(name), kind: 'paper' as const })),
	];
	const spans = [
		{ label: '', columns: 3 },
		...runs.map((run) => ({ label: run.model, columns: differs(run) ? 3 : 2 })),
		{ label: PAPER, columns: PAPER_MODELS.length },
	];
	const rows = categoriesOf(runs).map((category) => row(category, category, PAPER_TABLE_2[category]));
	const overall = row(html`<strong>Overall</strong>`, null, PAPER_TABLE_2_OVERALL);
	return table(titleOf(dataset), columns, [{ rows }, { rows: [overall] }], spans);
}
