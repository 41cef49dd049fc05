import type { Score } from '../../eval/run.ts';
import { count, percent, points } from '../format.ts';
import { type Html, type HtmlValue, html } from '../html.ts';
import { conditionOf, type ReportData, type ReportRun } from '../inputs.ts';
import { PAPER_MODELS, PAPER_TABLE_2, PAPER_TABLE_2_OVERALL } from '../paper.ts';
import { accuracyCell, type Column, LENIENT_HEAD, lenientCell, NOTHING, table } from '../tables.ts';
import { differenceBounds } from '../words.ts';

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

/** The paper's means of these categories, one a model: as printed for all of its own; undefined where it lacks one. */
function paperOverall(categories: readonly string[]): readonly number[] | undefined {
	const papers = categories.map((category) => PAPER_TABLE_2[category]);
	if (papers.length === 0 || papers.includes(undefined)) return undefined;
	if (papers.length === Object.keys(PAPER_TABLE_2).length) return PAPER_TABLE_2_OVERALL;
	return PAPER_MODELS.map((_, i) => papers.reduce((sum, paper) => sum + paper![i]!, 0) / papers.length);
}

/** Accuracy by category of question under `intact`, and the paper's Table 2. */
export function categoryTable(dataset: string, runs: readonly ReportRun[], data: ReportData): Html {
	const comparisons = data.comparisons.filter((c) => c.dataset === dataset);
	const named = categoriesOf(runs);
	const categories = [null, ...named];
	const papers = [paperOverall(named), ...named.map((category) => PAPER_TABLE_2[category])];
	const papersOf = (i: number) => papers.map((paper) => (paper ? (paper[i]! * 100).toFixed(2) : NOTHING));
	const firsts = categories.map((category) => scoreOf(runs[0]!, category));
	const row = (run: ReportRun): HtmlValue[] => {
		const [overall, ...cells] = categories.map((category): HtmlValue => {
			const paired = comparisons.find((c) => c.b === run.model && c.paired.category === category)?.paired;
			const against = paired ? [points(paired.difference), differenceBounds(paired)] : [];
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
		...named.map((head) => ({ head })),
	];
	const base = comparisons[0]?.a;
	const groups = [
		{ rows: asked },
		{ head: base ? `These models, and in points against ${base}` : 'These models', rows: runs.map(row) },
		{ head: 'Paper, Table 2 (7B, its own 2DS)', rows: PAPER_MODELS.map((name, i) => plain(name, papersOf(i))) },
	];
	return table(`Table 2: accuracy by category, ${dataset}`, columns, groups);
}
