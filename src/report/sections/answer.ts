import { interval, points } from '../format.ts';
import { type HtmlValue, html } from '../html.ts';
import type { Comparison, ReportData } from '../inputs.ts';
import type { Section } from '../section.ts';
import { side, verdictsOf } from '../verdict.ts';

/** One sentence on two models that answered the same questions. */
function comparisonSentence({ dataset, a, b, paired }: Comparison): string {
	const difference = `${points(paired.difference)} points ${interval(paired.interval, points)}`;
	const relation = { below: 'worse than', within: 'not measurably different from', above: 'better than' };
	return `On ${dataset}, ${b} is ${relation[side(paired.interval, 0)]} ${a} (${difference}, the same questions).`;
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
	return {
		id: 'answer',
		title: 'The question and the answer',
		html: html`<p class="question">Does the model know <em>where</em> things are, or only <em>what</em> is there? If it uses the places of its vision tokens, shuffling them must cost it answers about position, and hardly any about things.</p>
${verdicts.length > 0 ? paragraphs : html`<p class="verdict"><strong>None of these runs asks where things are.</strong> The question needs a run of the task <code>2ds</code>; the tables below say what shuffling does to the tasks that were run.</p>`}
${overall.length > 0 && html`<p>${overall.map(comparisonSentence).join(' ')}</p>`}`,
		figures: [],
	};
}
