import { UsageError } from '../../base/errors.ts';
import { probeAttention } from '../../probes/attention.ts';
import type { ProbeData } from '../../probes/data.ts';
import { encoderView, mapCaption, mapDrawing, mapGridDrawing } from '../../probes/overlay.ts';
import type { AttentionProbe } from '../../probes/results.ts';
import type { Model } from '../../vlm/model.ts';
import { out, seedOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { isDrawingFile, writeDrawing } from '../map-file.ts';
import { wholeNumber } from '../numbers.ts';
import { given, numberList } from '../options.ts';
import { lookInside, pathOf } from '../probe.ts';
import { headArgs, lookingArgs, mapArgs, sourceOf } from '../probe-args.ts';
import { attentionText } from '../probe-text/looked.ts';

/** Pixels a side of one of several maps. */
const SMALL = 224;

export const attention = defineCommand({
	summary: 'Where the model looks as it answers: entropy of attention over the image, and maps.',
	details:
		'Entropy as mean(H), entropies averaged, and H(mean), attention averaged first: by token, layer and head (Sec. 7.2,\n' +
		'Table 4). Some of the images also get a map (Sec. 7.1, Fig. 7), from the token that names the object asked about.',
	args: {
		...headArgs,
		...mapArgs,
		token: { type: 'string', valueHint: 'N', description: 'look from this token of the answer, from 0, not a word' },
		maps: { type: 'string', valueHint: 'N', default: '4', description: 'how many of the images get a map' },
		...lookingArgs('100'),
		...out('FILE', 'also write the maps as .png or .svg, or the whole result as .json'),
	},
	examples: [
		{ call: 'dorsal probe attention --out maps.png', does: 'the shipped model on 100 images of 2DS, with four maps' },
		{
			call: 'dorsal probe attention --data coco --images 6 --maps 6 --map both --out maps.svg --model DIR',
			does: 'photos, followed through the vision encoder',
		},
		{ call: 'dorsal probe attention --layers 1,2 --heads 0 --json', does: 'one head of two layers' },
	],
	run(args, context) {
		const options = {
			...pathOf(args.condition, seedOf(args.seed)),
			maps: wholeNumber('maps', args.maps)!,
			source: sourceOf(args.map),
			...given({
				layers: numberList('layers', args.layers),
				heads: numberList('heads', args.heads),
				token: wholeNumber('token', args.token),
				word: args.word,
			}),
		};
		const pictured = args.out !== undefined && isDrawingFile(args.out);
		if (pictured && options.maps === 0) {
			throw new UsageError(`--out ${args.out}: there is nothing to draw with --maps 0`, { code: 'option-conflict' });
		}
		return lookInside('attention', args, context, {
			async probe(model, data, run) {
				const result = await probeAttention(model, data, { ...run, ...options });
				if (pictured) await drawMaps(args.out!, model, data, result);
				return result;
			},
			text: (result) => (pictured ? `${attentionText(result)}\n\nmaps: ${args.out}` : attentionText(result)),
			pictures: true,
		});
	},
});

/** One map large with its colour scale, or several under each other. */
async function drawMaps(file: string, model: Model, { items }: ProbeData, { maps }: AttentionProbe): Promise<void> {
	const size = maps.length === 1 ? {} : { size: SMALL };
	const rows = await Promise.all(
		maps.map(async (map) => {
			const image = await items.find(({ id }) => id === map.image)!.image();
			return { image: await encoderView(model, image, size), question: map.question, maps: [map] };
		}),
	);
	const [first] = rows;
	const drawing =
		rows.length === 1 ? mapDrawing(first!.image, maps[0]!) : mapGridDrawing([model.checkpoint.location], rows);
	await writeDrawing(file, drawing, maps.map(mapCaption).join(' '));
}
