import { interval, list, points } from '../format.ts';
import { type HtmlValue, html } from '../html.ts';
import type { Comparison, ReportData } from '../inputs.ts';
import type { Section } from '../section.ts';
import { verdictsOf } from '../verdict.ts';
import { side } from '../words.ts';

const RELATIONS = [
	['above', 'better than'],
	['within', 'not measurably different from'],
	['below', 'worse than'],
] as const;

/** What the comparisons of one data set say of models that answered the same questions as the first. */
function comparisonSentences(comparisons: readonly Comparison[]): string[] {
	return RELATIONS.flatMap(([standing, relation]) => {
		const alike = comparisons.filter(({ paired }) => side(paired.interval, 0) === standing);
		if (alike.length === 0) return [];
		const { dataset, a } = alike[0]!;
		const named = alike.map(
			({ b, paired }) => `${b} (${points(paired.difference)} points ${interval(paired.interval, points)})`,
		);
		return [`On the same questions of ${dataset}, ${list(named)} ${named.length > 1 ? 'are' : 'is'} ${relation} ${a}.`];
	});
}

/** The question, and the answer that the numbers give, one paragraph a 2DS run. */
export function answerSection({ runs, comparisons }: ReportData): Section {
	const verdicts = verdictsOf(runs);
	const paragraphs = verdicts.map(({ model, dataset, headline, sentences }): HtmlValue => {
		const forms = verdicts.filter((other) => other.model === model).length;
		const form = forms > 1 && html`${dataset}: `;
		return html`<p class="verdict"><strong>${form}${headline}</strong> ${sentences.join(' ')}</p>\n`;
	});
	const overall = comparisons.filter(({ paired }) => paired.category === null);
	const compared = [...new Set(overall.map(({ dataset }) => dataset))].flatMap((dataset) =>
		comparisonSentences(overall.filter((one) => one.dataset === dataset)),
	);
	return {
		id: 'answer',
		title: 'The question and the answer',
		html: html`<p class="question">Does the model know <em>where</em> things are, or only <em>what</em> is there? If it uses the places of its vision tokens, shuffling them must cost it answers about position, and hardly any about things.</p>
${verdicts.length > 0 ? paragraphs : html`<p class="verdict"><strong>None of these runs asks where things are.</strong> The question needs a run of the task <code>2ds</code>; the tables below say what shuffling does to the tasks that were run.</p>`}
${compared.length > 0 && html`<p>${compared.join(' ')}</p>`}`,
		figures: [],
	};
}
