import { UsageError } from '../base/errors.ts';
import { readTwoDs } from './2ds-data.ts';
import { type Benchmark, benchmark } from './score-benchmark.ts';
import type { Scorer } from './score-engine.ts';
import type { DataFile } from './score-file.ts';
import type { ScoredQuestion } from './score-pairing.ts';
import { Tally } from './score-tally.ts';
import type { Question, Task } from './task.ts';

interface TwoDsScored extends ScoredQuestion {
	question: Question;
	task: Task;
}

function only(name: string, files: readonly DataFile[]): DataFile {
	const [file, second] = files;
	if (file && !second) return file;
	throw new UsageError(`--data: ${name} is one file or folder, got ${files.length} files`, { code: 'option-twice' });
}

function scorer(way: 'strict' | 'lenient'): Scorer<TwoDsScored> {
	const [all, byCategory, byObjects] = [new Tally(), new Tally(), new Tally()];
	return {
		add({ question, task }, { text }) {
			const { value, correct } = task[way](question, text);
			const score = Number(correct);
			all.add('accuracy', score);
			all.add('chance', question.chance);
			byCategory.add(question.category, score);
			byObjects.add(question.groups.objects!, score);
			return { value, score };
		},
		metrics: () => ({
			accuracy: all.mean('accuracy'),
			chance: all.mean('chance'),
			byCategory: byCategory.means(),
			byObjects: byObjects.means(),
			counts: { accuracy: all.count('accuracy'), byCategory: byCategory.counts(), byObjects: byObjects.counts() },
		}),
	};
}

/** A written 2DS, whose answers are read as `dorsal eval` reads them; the paper's grader is a language model. */
function scorable(name: string, title: string, { isData, twin }: { isData: RegExp; twin: boolean }): Benchmark {
	return benchmark<TwoDsScored>({
		name,
		title,
		isData,
		async *questions(files) {
			const images = async (path: string): Promise<never> => {
				throw new RangeError(`scoring asks for no image, such as ${path}`);
			};
			const task = await readTwoDs({ file: only(name, files), images, twin });
			for (const question of task.questions) {
				yield { id: question.id, text: question.prompt, needed: true, question, task };
			}
		},
		scorers: () => ({ official: () => scorer('strict'), lenient: () => scorer('lenient') }),
		task: ({ files, images }) => readTwoDs({ file: only(name, files), images, twin }),
	});
}

/** `official` takes an answer that is nothing but the right one; `lenient` finds it in a sentence. */
export const twoDsBenchmarks: readonly Benchmark[] = [
	scorable('2ds', '2DS: where things are', { isData: /^2ds\.jsonl$/, twin: false }),
	scorable('2ds-ventral', '2DS, ventral twin: what things are', { isData: /^2ds-ventral\.jsonl$/, twin: true }),
];
