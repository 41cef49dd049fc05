import { columns } from '../base/columns.ts';
import { show } from '../base/json.ts';
import type { Comparison, ConditionComparison, PairedRuns } from './compare.ts';

function percent(fraction: number): string {
	return (fraction * 100).toFixed(1);
}

function signed(fraction: number): string {
	const text = percent(Math.abs(fraction));
	return text === '0.0' ? text : `${fraction < 0 ? '−' : '+'}${text}`;
}

/** Three decimals, or the power of ten below them. */
function pValue(p: number): string {
	return p >= 0.001 || p === 0 ? p.toFixed(3) : p.toExponential(0);
}

function pairedRow({ category, questions, accuracyA, accuracyB, difference, interval, ...rest }: PairedRuns): string[] {
	const range = `[${signed(interval[0])}, ${signed(interval[1])}]`;
	return [
		category ?? 'all',
		String(questions),
		percent(accuracyA),
		percent(accuracyB),
		`${signed(difference)} ${range}`,
		String(rest.onlyA),
		String(rest.onlyB),
		pValue(rest.p),
	];
}

/** How to read the rows of `pairedRow`. */
const NOTE = [
	'Percentages and B − A: a question counts with its mean over the draws of a condition.',
	'Only A right, only B right, p and flipped: the first draw; p is the exact McNemar test, not corrected for the rows.',
];

function conditionLines(compared: ConditionComparison, flips: number): string[] {
	const { condition, shared, onlyInA, onlyInB, reworded, differing, changed } = compared;
	const notes = [
		onlyInA > 0 ? `${onlyInA} only in A` : '',
		onlyInB > 0 ? `${onlyInB} only in B` : '',
		differing > 0 ? `${differing} left out: same id, another question` : '',
		reworded > 0 ? `${reworded} asked in other words` : '',
		shared > 0 ? `${changed} answered differently` : '',
	].filter(Boolean);
	const lines = ['', `${condition}: ${shared} shared questions (${notes.join('; ')})`];
	if (shared === 0) return lines;

	const heads = ['', 'questions', 'A %', 'B %', 'B − A [95 %]', 'only A right', 'only B right', 'p'];
	lines.push(...columns([heads, ...compared.paired.map(pairedRow)], { numbers: true }).map((line) => `  ${line}`));
	const shown = compared.flips.slice(0, flips);
	if (shown.length === 0) return lines;
	const rest = compared.flips.length - shown.length;
	lines.push(`  flipped: ${compared.flips.length}${rest > 0 ? ` (the first ${shown.length}; --json has all)` : ''}`);
	const mark = (right: boolean) => (right ? '✓' : '✗');
	lines.push(
		...columns(
			shown.map(({ id, answer, a, b, right }) => [
				show(id),
				`right: ${show(answer)}`,
				`A ${mark(right === 'a')} ${show(a)}`,
				`B ${mark(right === 'b')} ${show(b)}`,
			]),
		).map((line) => `    ${line}`),
	);
	return lines;
}

/** A comparison as plain text for a terminal, at most `flips` flipped questions a condition (default 10). */
export function compareText(comparison: Comparison, { flips = 10 }: { flips?: number } = {}): string {
	const { a, b, differences, onlyInA, onlyInB } = comparison;
	const lines = columns([
		['A', a.location, a.task, a.model],
		['B', b.location, b.task, b.model],
	]);
	lines.push('');
	if (differences.length === 0) {
		lines.push('The manifests agree: same model, data, prompts, conditions, settings and versions.');
	} else {
		lines.push(`The manifests differ in ${differences.length} ${differences.length === 1 ? 'place' : 'places'}:`);
		const rows = differences.map(({ part, path, a: inA, b: inB }) => [part, path, show(inA), '→', show(inB)]);
		lines.push(...columns(rows).map((line) => `  ${line}`));
	}
	for (const compared of comparison.conditions) lines.push(...conditionLines(compared, flips));
	if (comparison.conditions.some(({ shared }) => shared > 0)) lines.push('', ...NOTE);
	if (onlyInA.length > 0) lines.push('', `Only A has: ${onlyInA.join(', ')}`);
	if (onlyInB.length > 0) lines.push('', `Only B has: ${onlyInB.join(', ')}`);
	return `${lines.join('\n')}\n`;
}
