import { InputError } from '../../base/errors.ts';
import { anyOption, letterOf, wholeOption } from '../score-choice.ts';
import type { DataFile } from '../score-file.ts';
import { parquetImages } from '../score-parquet.ts';
import { buildTask, LETTER, type TaskInput } from '../score-task.ts';
import type { Task } from '../task.ts';
import { type CvBenchQuestion, readCvBench } from './data.ts';

/** lmms-eval puts its request before the question, with the letters that there are. */
const lmmsEval = ({ choices, prompt }: CvBenchQuestion) =>
	`Note: You only need to respond with ${choices.map((_, i) => letterOf(i)).join(', ')} without providing any additional information.\n\n${prompt}`;

/**
 * CV-Bench to be asked. Wordings: `cambrian`, `lmms-eval`, `plain` (the published prompt alone, as VLMEvalKit asks),
 * `paper`. Images come from the Parquet file where that is the data, else from the `img` folder.
 */
export function cvBenchTask(input: TaskInput): Promise<Task> {
	const places = new Map<string, { file: DataFile; row: number }>();
	const readers = new Map(input.files.map((file) => [file, parquetImages(file)]));
	return buildTask(input, {
		name: 'cv-bench',
		title: 'CV-Bench: counting, relation, depth and distance',
		questions: readCvBench(input.files),
		wordings: {
			cambrian: ({ prompt }) => prompt + LETTER,
			'lmms-eval': lmmsEval,
			plain: ({ prompt }) => prompt,
			paper: ({ prompt }) =>
				`${prompt} \nPlease answer based on the choices given above. For example, "A", "B", "C", "D", or "E".`,
		},
		describe({ id, filename, file, row, letter, task, type, source, choices }) {
			const image = filename ?? `idx-${id}`;
			places.set(image, { file, row });
			return {
				image,
				answer: letter,
				category: task,
				chance: 1 / choices.length,
				choices,
				groups: { type, source, choices: String(choices.length) },
			};
		},
		strict: ({ choices }, raw) => wholeOption(raw, choices),
		lenient: ({ choices }, raw) => anyOption(raw, choices),
		async image(key) {
			const place = places.get(key);
			if (!place?.file.name.toLowerCase().endsWith('.parquet')) return input.images(key);
			const bytes = await readers.get(place.file)!(place.row);
			if (bytes) return bytes;
			throw new InputError(`${place.file.name}:${place.row + 1}: no image in the column "image"`, {
				code: 'missing-image',
			});
		},
	});
}
