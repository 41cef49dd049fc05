import { FORMS, generateBench } from '../../bench2ds/bench.ts';
import { benchRecords, ventralRecords } from '../../bench2ds/record.ts';
import { PLACEMENTS } from '../../bench2ds/scene.ts';
import { writeBench } from '../../bench2ds/write.node.ts';
import { count } from '../../report/format.ts';
import { common, limit, limitOf, out, seedOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { wholeNumber } from '../numbers.ts';
import { formOf, placementOf } from '../tasks.ts';

export const bench2ds = defineCommand({
	summary: 'Writes the 2DS benchmark: images, questions and answers, its ventral twin, and a card.',
	details:
		'Five categories of two to six objects; six types of question about where things are in 2ds.jsonl, four about what\n' +
		'they are in 2ds-ventral.jsonl, both also as Parquet with the images inside. The same options give the same bytes.',
	args: {
		images: { type: 'string', valueHint: 'N', default: '100', description: 'images of each category' },
		size: { type: 'string', valueHint: 'PX', default: '336', description: 'side of an image in pixels' },
		form: {
			type: 'enum',
			options: [...FORMS],
			valueHint: 'FORM',
			default: 'yes-no',
			description: 'how relations are asked: "Is A above B?", "Where is A relative to B?"',
		},
		placement: {
			type: 'enum',
			options: [...PLACEMENTS],
			valueHint: 'WHERE',
			default: 'grid',
			description: 'where objects may be: in the cells of a grid, or anywhere',
		},
		quads: { type: 'boolean', description: 'images in mirrored fours, for pair and set accuracy' },
		...common,
		...limit('at most this many images of each category, whatever --images says'),
		...out('DIR', 'folder of the benchmark', '2ds'),
	},
	examples: [
		{ call: 'dorsal bench 2ds --out 2ds', does: 'the benchmark as the paper lays it out: 500 images, 3,000 questions' },
		{ call: 'dorsal bench 2ds --form both --quads --images 40 --out 2ds-quads', does: 'mirrored fours in both forms' },
		{ call: 'dorsal eval 2ds --data 2ds --model DIR', does: 'ask a model about a written benchmark' },
	],
	async run(args, { log, progress, signal }) {
		const images = wholeNumber('images', args.images, { min: 1 })!;
		const bench = generateBench({
			images: Math.min(images, limitOf(args.limit) ?? images),
			size: wholeNumber('size', args.size, { min: 1 })!,
			seed: seedOf(args.seed),
			...formOf(args.form),
			...placementOf(args.placement),
			quads: args.quads ?? false,
		});
		const dir = args.out!;
		log(`bench 2ds: ${count(bench.entries.length)} images → ${dir}`);
		await writeBench(bench, dir, {
			signal,
			onProgress: ({ done, total }) => progress.update('files', done, total),
		});
		const questionsIn = (records: readonly { qa_pairs: readonly unknown[] }[]) =>
			records.reduce((sum, { qa_pairs }) => sum + qa_pairs.length, 0);
		const result = {
			out: dir,
			images: bench.entries.length,
			questions: questionsIn(benchRecords(bench)),
			ventralQuestions: questionsIn(ventralRecords(bench)),
			options: bench.options,
		};
		const { questions, ventralQuestions } = result;
		return {
			result,
			text: `${dir}: ${count(result.images)} images, ${count(questions)} questions, ${count(ventralQuestions)} in the ventral twin`,
		};
	},
});
