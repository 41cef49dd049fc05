import type { Metrics } from '../score-engine.ts';
import type { YesNo } from './rule.ts';

/** Labels against readings; `unread` are answers that a reading makes nothing of, by label. */
export interface Confusion {
	tp: number;
	fp: number;
	tn: number;
	fn: number;
	unreadYes: number;
	unreadNo: number;
}

export const confusion = (): Confusion => ({ tp: 0, fp: 0, tn: 0, fn: 0, unreadYes: 0, unreadNo: 0 });

export function count(into: Confusion, label: YesNo, reading: string | null): void {
	const yes = label === 'yes';
	if (reading === null) into[yes ? 'unreadYes' : 'unreadNo']++;
	else if (reading === 'yes') into[yes ? 'tp' : 'fp']++;
	else into[yes ? 'fn' : 'tn']++;
}

const KEYS = ['tp', 'fp', 'tn', 'fn', 'unreadYes', 'unreadNo'] as const;

export function sum(parts: readonly Confusion[]): Confusion {
	const total = confusion();
	for (const part of parts) for (const key of KEYS) total[key] += part[key];
	return total;
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function f1Of(precision: number | null, recall: number | null): number | null {
	if (precision === null || recall === null || precision + recall === 0) return null;
	return (2 * precision * recall) / (precision + recall);
}

/**
 * Accuracy, precision, recall, F1 and share of "yes", all with "yes" as the positive class. An answer that could not be
 * read is wrong and is no "yes". Null where the official script divides by zero.
 */
export function rates(c: Confusion): Metrics {
	const { tp, fp, tn, fn, unreadYes, unreadNo } = c;
	const all = tp + fp + tn + fn + unreadYes + unreadNo;
	const precision = share(tp, tp + fp);
	const recall = share(tp, tp + fn + unreadYes);
	return {
		accuracy: share(tp + tn, all),
		precision,
		recall,
		f1: f1Of(precision, recall),
		yesRatio: share(tp + fp, all),
		counts: { tp, fp, tn, fn, ...(unreadYes + unreadNo > 0 && { unread: unreadYes + unreadNo }) },
	};
}

/** lmms-eval's figures: recall leaves unread answers out, and its yes ratio is that of the labels, not of the answers. */
export function lmmsEvalRates(c: Confusion): Metrics {
	const { tp, fp, tn, fn, unreadYes, unreadNo } = c;
	const all = tp + fp + tn + fn + unreadYes + unreadNo;
	const precision = share(tp, tp + fp) ?? 0;
	const recall = share(tp, tp + fn) ?? 0;
	return {
		accuracy: share(tp + tn, all),
		precision,
		recall,
		f1: f1Of(precision, recall) ?? 0,
		yesRatio: share(tp + fn + unreadYes, all) ?? 0,
	};
}

const FIGURES = ['accuracy', 'precision', 'recall', 'f1', 'yesRatio'] as const;

/**
 * Figures over the files of several categories: the plain mean of the categories, as papers print POPE, with each
 * category and the pooled answers below.
 */
export function ratesByCategory(parts: ReadonlyMap<string, Confusion>): Metrics {
	if (parts.size === 1) return rates([...parts.values()][0]!);
	const byCategory = Object.fromEntries([...parts].map(([category, part]) => [category, rates(part)]));
	const mean = (figure: (typeof FIGURES)[number]): number | null => {
		const values = Object.values(byCategory).map((part) => part[figure] as number | null);
		return values.includes(null) ? null : values.reduce<number>((total, value) => total + value!, 0) / values.length;
	};
	return {
		...Object.fromEntries(FIGURES.map((figure) => [figure, mean(figure)])),
		byCategory,
		pooled: rates(sum([...parts.values()])),
	};
}
