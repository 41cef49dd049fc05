import type { Bench, BenchEntry } from './bench.ts';
import { type QaPair, questionsOf, toPixels } from './questions.ts';
import type { ObjectKind } from './scene.ts';
import { ventralQuestions } from './ventral.ts';

/** An object as written: centre and radius in pixels. */
export interface RecordObject extends ObjectKind {
	x: number;
	y: number;
	radius: number;
}

/** One line of `2ds.jsonl`, in the paper's schema. */
export interface BenchRecord {
	entry_id: string;
	test_category: string;
	image_filename: string;
	objects: RecordObject[];
	qa_pairs: QaPair[];
}

function recordOf({ key, category, scene }: BenchEntry, size: number, qaPairs: QaPair[]): BenchRecord {
	return {
		entry_id: key,
		test_category: `${category}_objects`,
		image_filename: `images/${key}.png`,
		objects: scene.objects.map(({ color, shape, x, y, radius }) => ({
			color,
			shape,
			x: toPixels(x, size),
			y: toPixels(y, size),
			radius: toPixels(radius, size),
		})),
		qa_pairs: qaPairs,
	};
}

/** The benchmark, one record an image. */
export function benchRecords(bench: Bench): BenchRecord[] {
	return bench.entries.map((entry) => recordOf(entry, bench.options.size, questionsOf(entry, bench)));
}

/** Its ventral twin: the same images, other questions. */
export function ventralRecords(bench: Bench): BenchRecord[] {
	const questions = ventralQuestions(bench);
	return bench.entries.map((entry) => recordOf(entry, bench.options.size, questions(entry)));
}

/** JSON lines, each ended by a line feed. */
export const toJsonl = (records: readonly BenchRecord[]) =>
	records.map((record) => `${JSON.stringify(record)}\n`).join('');
