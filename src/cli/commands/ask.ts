import { UsageError } from '../../base/errors.ts';
import type { VisionPath } from '../../checkpoint/vision-path.ts';
import { parseConditions } from '../../eval/conditions.ts';
import { attentionMap } from '../../probes/attention-map.ts';
import { encoderView, mapCaption, mapDrawing } from '../../probes/overlay.ts';
import { defaultModel } from '../../study/shipped.node.ts';
import { ask as askModel } from '../../vlm/ask.ts';
import { load } from '../../vlm/load.node.ts';
import { common, engine, engineOf, limit, limitOf, out, seedOf, writeResult } from '../args.ts';
import { defineCommand } from '../command.ts';
import { readImageFile } from '../image-file.ts';
import { checkDrawingFile, writeDrawing } from '../map-file.ts';
import { decimalNumber } from '../numbers.ts';
import { given, numberList } from '../options.ts';
import { refuseInputs } from '../output.ts';
import { headArgs, mapArgs, sourceOf } from '../probe-args.ts';

export const ask = defineCommand({
	summary: 'One question about one image.',
	details:
		'The options from --permute to --scale change what the model sees, as the conditions of dorsal eval do; they may be\n' +
		'combined. Under --json the result also says which vision path was used and how many tokens were read. --attention\n' +
		'draws where the model looks as it generates one token of the answer: the first of the object asked about, or of --word.',
	args: {
		image: { type: 'positional', required: true, description: 'PNG, JPEG or WebP file' },
		question: { type: 'positional', required: true, description: 'the question, in quotes' },
		model: { type: 'string', valueHint: 'DIR', description: 'checkpoint folder (default: the shipped model)' },
		permute: { type: 'boolean', description: 'shuffle the vision tokens (with --seed)' },
		normalize: {
			type: 'enum',
			valueHint: 'MODE',
			options: ['paper', 'match-mean', 'match-median', 'clip', 'layernorm'],
			description: "change the vision tokens' norms",
		},
		pool: { type: 'string', valueHint: 'SIDE', description: 'pool the vision tokens to SIDE × SIDE' },
		scale: { type: 'string', valueHint: 'FACTOR', description: 'multiply the vision tokens' },
		'text-only': { type: 'boolean', description: 'leave the image out' },
		attention: { type: 'string', valueHint: 'FILE', description: 'draw a map of attention: a .png or .svg file' },
		...mapArgs,
		...headArgs,
		temperature: { type: 'string', valueHint: 'T', default: '0', description: '0 always takes the likeliest token' },
		...common,
		...limit('most tokens of the answer (default 32)'),
		...out('FILE', 'also write the result to this JSON file'),
		...engine,
	},
	examples: [
		{ call: 'dorsal ask scene.png "What color is at the top of the image?"', does: 'ask the shipped model' },
		{ call: 'dorsal ask scene.png "Is the circle below the square?" --permute', does: 'the same without order' },
		{
			call: 'dorsal ask scene.png "What shape is at the left of the image?" --attention map.png',
			does: 'with a map of where it looked',
		},
		{ call: 'dorsal ask photo.jpg "Where is the dog?" --model ~/llava-1.5-7b-hf --json', does: 'your own model' },
	],
	async run(args, { signal }) {
		const seed = seedOf(args.seed);
		const maxNewTokens = limitOf(args.limit);
		const temperature = decimalNumber('temperature', args.temperature, { min: 0, max: 100 })!;
		const words = [
			args.permute && 'permuted:1',
			args.normalize && `normalize:${args.normalize}`,
			args.pool !== undefined && `pool:${args.pool}`,
			args.scale !== undefined && `scale:${args.scale}`,
		].filter(Boolean);
		if (args['text-only'] && words.length > 0) {
			throw new UsageError('--text-only: there are no vision tokens to change; leave out the other options', {
				code: 'option-conflict',
			});
		}
		const map = mapOf(args);
		const folder = args.model ?? defaultModel();
		for (const option of ['out', 'attention'] as const) refuseInputs(option, args[option], [args.image, folder]);
		const path: Partial<VisionPath> = words.length > 0 ? parseConditions(words.join('&'), { seed })[0]!.path : {};
		const image = args['text-only'] ? null : await readImageFile(args.image);
		const model = await load(folder, {
			trace: map !== null,
			...engineOf(args),
		});
		try {
			signal.throwIfAborted();
			const answer = await askModel(model, image, args.question, {
				path,
				temperature,
				seed,
				...(maxNewTokens !== undefined && { maxNewTokens }),
			});
			const used = { ...answer, model: model.checkpoint.location, path: { ...model.visionPath, ...path } };
			if (map === null) {
				await writeResult(args.out, used);
				return { result: used, text: answer.answer };
			}
			const { file, ...options } = map;
			const seen = await attentionMap(model, image!, args.question, { ...options, path, ...given({ maxNewTokens }) });
			await writeDrawing(file, mapDrawing(await encoderView(model, image!), seen), mapCaption(seen));
			const result = { ...used, attention: { file, ...seen } };
			await writeResult(args.out, result);
			return { result, text: `${answer.answer}\n\n${file}: ${mapCaption(seen)}` };
		} finally {
			await model.close();
		}
	},
});

/** What is to be drawn; null where nothing is. */
function mapOf(args: {
	attention?: string | undefined;
	word?: string | undefined;
	map: 'llm' | 'vit' | 'both';
	layers?: string | undefined;
	heads?: string | undefined;
	'text-only'?: boolean | undefined;
	temperature: string;
}) {
	const { attention: file, word } = args;
	if (file === undefined) {
		const unused = (['word', 'layers', 'heads'] as const).find((name) => args[name] !== undefined);
		const stray = unused ?? (args.map !== 'llm' && 'map');
		if (!stray) return null;
		throw new UsageError(`--${stray}: is for a map; say with --attention FILE where it goes`, {
			code: 'option-conflict',
		});
	}
	checkDrawingFile('attention', file);
	if (args['text-only']) {
		throw new UsageError('--attention: without an image there is nothing to look at; leave out --text-only', {
			code: 'option-conflict',
		});
	}
	if (Number(args.temperature) > 0) {
		throw new UsageError('--attention: is drawn for the likeliest answer; leave out --temperature', {
			code: 'option-conflict',
		});
	}
	const layers = numberList('layers', args.layers);
	const heads = numberList('heads', args.heads);
	return { file, source: sourceOf(args.map), ...given({ word, layers, heads }) };
}
