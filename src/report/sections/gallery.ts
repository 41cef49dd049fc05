import type { RunRecord } from '../../eval/run.ts';
import { foreign, type Html, html } from '../html.ts';
import type { ReportData, ReportRun, Scene } from '../inputs.ts';
import type { Section } from '../section.ts';
import { NOTHING, table } from '../tables.ts';

/** Longest question or answer shown whole. */
const SHOWN = 160;

/** Right or wrong by sign, by word for those who listen, and by colour last. */
function verdictMark({ correct, status }: RunRecord): Html {
	if (correct)
		return html`<span class="right"><span aria-hidden="true">✓</span><span class="heard">right: </span></span>`;
	const word = status === 'ok' ? 'wrong' : 'not readable';
	return html`<span class="wrong"><span aria-hidden="true">${status === 'ok' ? '✗' : '?'}</span><span class="heard">${word}: </span></span>`;
}

/** The first draw's answer, and how many draws were right where there are several. */
function answerCell(records: readonly RunRecord[]): Html {
	const first = records.find((record) => record.draw === 0) ?? records[0];
	if (!first) return NOTHING;
	const right = records.filter((record) => record.correct).length;
	const answer = first.raw.trim() === '' ? html`<i>(empty)</i>` : foreign(first.raw.trim(), SHOWN);
	return html`${verdictMark(first)}\u00a0${answer}${records.length > 1 && html` <span class="draws">${right}/${records.length} draws</span>`}`;
}

function sceneHtml(run: ReportRun, scene: Scene, others: readonly ReportRun[]): Html {
	const sides = [run, ...others].flatMap((side) => {
		const records = side.scenes.find(({ image }) => image === scene.image)?.records ?? [];
		return records.length > 0 ? [{ model: side.model, conditions: Object.keys(side.results.conditions), records }] : [];
	});
	const conditions = [...new Set(sides.flatMap((side) => side.conditions))];
	const questions = [...new Map(scene.records.map((record) => [record.id, record])).values()];
	const several = sides.length > 1;
	const groups = questions.map(({ id, prompt, answer }) => ({
		...(several
			? { head: html`${foreign(prompt, SHOWN)} <span class="draws">right: ${foreign(answer, SHOWN)}</span>` }
			: {}),
		rows: sides.map(({ model, records }) => [
			...(several ? [model] : [foreign(prompt, SHOWN), foreign(answer, SHOWN)]),
			...conditions.map((name) => answerCell(records.filter((r) => r.id === id && r.condition === name))),
		]),
	}));
	const body = several ? groups : [{ rows: groups.flatMap(({ rows }) => rows) }];
	const heads = [...(several ? ['Model'] : ['Question', 'Right']), ...conditions];
	const picture = scene.source
		? html`<img src="${scene.source}" alt="The scene ${scene.image}">`
		: html`<p class="no-picture">No picture kept</p>`;
	return html`<article class="scene"><div class="picture">${picture}<p class="note">${foreign(scene.image, 60)}</p></div>
${table(
	`Answers about ${scene.image}`,
	heads.map((head) => ({ head, kind: 'text' })),
	body,
)}
</article>\n`;
}

/** Some scenes with what was asked and answered under every condition; null where the runs kept none. */
export function gallerySection({ runs }: ReportData): Section | null {
	const firsts = runs.filter(
		(run, i) => run.scenes.length > 0 && runs.findIndex((r) => r.dataset === run.dataset && r.scenes.length > 0) === i,
	);
	if (firsts.length === 0) return null;
	const parts = firsts.map((run) => {
		const others = runs.filter((other) => other.dataset === run.dataset && other !== run);
		return html`<h3>${run.dataset}</h3>\n${run.scenes.map((scene) => sceneHtml(run, scene, others))}`;
	});
	return {
		id: 'gallery',
		title: 'Scenes, questions and answers',
		html: html`<p>Scenes that each run set aside before any answer was known. <span class="right">✓</span> right, <span class="wrong">✗</span> wrong, <span class="wrong">?</span> not readable as an answer; under a condition with several draws, the first draw's answer and how many draws are right.</p>
${parts}`,
		figures: [],
	};
}
