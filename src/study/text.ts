import { table } from '../base/columns.ts';
import { fileSize, interval, percent } from '../report/format.ts';
import type { Study } from './study.ts';

/** The key numbers of a study for a terminal: accuracy by condition in percent, the verdicts, where the report is. */
export function studyText({ runs, report, skipped }: Study): string {
	const conditions = [...new Set(runs.flatMap(({ results }) => Object.keys(results.conditions)))];
	const models = [...new Set(runs.map(({ model }) => model))];
	const rows = runs.map(({ model, title, results }) => {
		const [first] = Object.values(results.conditions);
		const cells = conditions.map((name) => {
			const result = results.conditions[name];
			if (!result) return '';
			return name === 'intact' ? `${percent(result.accuracy)} ${interval(result.interval)}` : percent(result.accuracy);
		});
		return [models.length > 1 ? `${model}: ${title}` : title, first ? percent(first.chance) : '', ...cells];
	});
	const verdicts = report.verdicts.map(({ dataset, headline }) =>
		report.verdicts.length > 1 ? `${dataset}: ${headline}` : headline,
	);
	return [
		table([['percent right', 'chance', ...conditions], ...rows]),
		verdicts.join('\n'),
		...skipped.map(({ model, probe, reason }) => `left out: probe ${probe} of ${model}: ${reason}`),
		`report: ${report.out} (${fileSize(report.bytes)})`,
	].join('\n\n');
}
