import { existsSync } from 'node:fs';
import path from 'node:path';
import { nativeBackend } from '../backends/native.ts';
import { DorsalError, UsageError } from '../base/errors.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import { parseConditions } from '../eval/conditions.ts';
import { openRun } from '../eval/store.node.ts';
import type { AccuracyProbeOptions } from '../probes/accuracy.ts';
import { cocoData } from '../probes/coco.node.ts';
import { type ProbeData, type ProbeRunOptions, taskData } from '../probes/data.ts';
import { taskPart } from '../probes/task-part.ts';
import { defaultModel } from '../study/shipped.node.ts';
import { openTwoDs } from '../tasks/2ds.node.ts';
import { twoDsTask } from '../tasks/2ds.ts';
import type { Model } from '../vlm/model.ts';
import { type EngineChoice, engineOf, limitOf, seedOf, writeResult } from './args.ts';
import type { Context, Output } from './command.ts';
import { isDrawingFile } from './map-file.ts';
import { wholeNumber } from './numbers.ts';
import { given } from './options.ts';
import { refuseInputs } from './output.ts';
import { chooseTask, formOf } from './tasks.ts';

/** What one condition, written as for `dorsal eval`, changes in the vision path. */
export function pathOf(text: string | undefined, seed: number): { path?: Partial<VisionPath> } {
	if (text === undefined) return {};
	const [first, ...more] = parseConditions(text, { seed });
	const { image, pixels, select, attention, path, name } = first!;
	if (image !== 'own' || pixels || select || attention || more.some((other) => other.name !== name)) {
		throw new UsageError(
			`--condition ${text}: expected one change of the vision tokens, such as normalize:paper or pool:4`,
			{ code: 'option-value' },
		);
	}
	return { path };
}

/** Options of every probe as the command line has them. */
interface Common extends EngineChoice {
	model?: string | undefined;
	seed: string;
	limit?: string | undefined;
	out?: string | undefined;
}

/** Loads the model for as long as `use` takes. */
async function withModel<T>(args: Common, trace: boolean, use: (model: Model) => Promise<T>): Promise<T> {
	// Loaded only here: the engine takes a quarter of a second, and bad arguments are told without it.
	const { load } = await import('../vlm/load.node.ts');
	const model = await load(args.model ?? defaultModel(), { trace, interventions: !trace, ...engineOf(args) });
	try {
		return await use(model);
	} finally {
		await model.close();
	}
}

/** Says what begins, before a large model takes its time to load. Throws a UsageError where `--out` is in the way. */
function begin(name: string, { model = defaultModel(), out }: Common, data: string, { all, log }: Context): void {
	refuseInputs('out', out, [model, ...all('data')]);
	log(`probe ${name}: ${model}, ${data}`);
}

const runOptions = (name: string, { progress, signal }: Context): ProbeRunOptions => ({
	signal,
	onProgress: (done, total) => progress.update(name, done, total),
});

interface Looking extends Common {
	data?: string | undefined;
	images: string;
	question?: string | undefined;
}

const codeOf = (error: unknown): string | undefined => (error instanceof DorsalError ? error.code : undefined);

/** Photos with captions, or 2DS: generated, or as `dorsal bench 2ds` wrote it. */
export async function probeDataOf(args: Pick<Looking, 'data' | 'images' | 'limit' | 'question' | 'seed'>) {
	const images = wholeNumber('images', args.images, { min: 1 })!;
	const limit = Math.min(images, limitOf(args.limit) ?? images);
	const data = await open(args.data, limit, seedOf(args.seed));
	const { question } = args;
	return question === undefined ? data : { ...data, items: data.items.map((item) => ({ ...item, question })) };
}

async function open(data: string | undefined, limit: number, seed: number): Promise<ProbeData> {
	if (data === undefined) return taskData(twoDsTask({ seed }), { limit });
	if (!existsSync(data)) {
		throw new UsageError(`${data}: no such file or folder; give photos with captions.json, or a written 2DS`, {
			code: 'no-folder',
		});
	}
	try {
		return taskData(await openTwoDs(data), { limit });
	} catch (error) {
		if (codeOf(error) !== 'no-data') throw error;
	}
	try {
		return await cocoData(data, { limit });
	} catch (error) {
		if (codeOf(error) !== 'no-captions') throw error;
		throw new UsageError(
			`${data}: holds neither captions.json nor 2ds.jsonl; give photos with captions in COCO's format, or a benchmark of dorsal bench 2ds`,
			{ code: 'no-captions', cause: error },
		);
	}
}

/** Runs a probe that looks inside the decoder. With `pictures`, `--out` may name one, which `probe` itself then writes. */
export async function lookInside<T extends object>(
	name: string,
	args: Looking,
	context: Context,
	{
		probe,
		text,
		pictures = false,
	}: {
		probe: (model: Model, data: ProbeData, run: ProbeRunOptions) => Promise<T>;
		text: (result: T) => string;
		pictures?: boolean;
	},
): Promise<Output> {
	if (!pictures) refusePicture(args.out);
	const data = await probeDataOf(args);
	begin(name, args, data.name, context);
	const result = await withModel(args, true, (model) => probe(model, data, runOptions(name, context)));
	if (args.out !== undefined && !isDrawingFile(args.out)) await writeResult(args.out, result);
	return { result, text: text(result) };
}

/** Runs a probe that looks inside the decoder at scenes of its own. */
export async function lookAtScenes<T extends object>(
	name: string,
	args: Common,
	context: Context,
	{ probe, text }: { probe: (model: Model, run: ProbeRunOptions) => Promise<T>; text: (result: T) => string },
): Promise<Output> {
	refusePicture(args.out);
	begin(name, args, 'scenes drawn for it', context);
	const result = await withModel(args, true, (model) => probe(model, runOptions(name, context)));
	await writeResult(args.out, result);
	return { result, text: text(result) };
}

function refusePicture(file: string | undefined): void {
	if (file === undefined || !isDrawingFile(file)) return;
	throw new UsageError(`--out ${file}: this probe writes JSON; give a name that ends in .json`, {
		code: 'option-value',
	});
}

interface Asking extends Common {
	task: string;
	photos?: string | undefined;
	form?: string | undefined;
	images: string;
}

/** Runs a probe that asks a task's questions. With `--out` the answers are kept beside it, to be gone on with. */
export async function askInOtherWays<T extends object>(
	name: string,
	args: Asking,
	context: Context,
	{ probe, text }: { probe: (options: AccuracyProbeOptions, model: Model) => Promise<T>; text: (result: T) => string },
): Promise<Output> {
	refusePicture(args.out);
	const seed = seedOf(args.seed);
	const limit = limitOf(args.limit);
	const images = wholeNumber('images', args.images, { min: 1 })!;
	const task = await chooseTask({
		name: args.task,
		data: context.all('data'),
		seed,
		...formOf(args.form),
		...(args.photos !== undefined && { images: args.photos }),
	});
	const part = taskPart(task, images);
	begin(name, args, part.title, context);
	return withModel(args, false, async (model) => {
		const store = args.out === undefined ? undefined : await openRun(answersBeside(args.out));
		try {
			const options = {
				...runOptions(name, context),
				task: part,
				backend: await nativeBackend(model),
				seed,
				...given({ limit, store }),
			};
			const result = await probe(options, model);
			await writeResult(args.out, result);
			return { result, text: text(result) };
		} finally {
			await store?.close();
		}
	});
}

/** `shuffle.json` → `shuffle.answers` */
export const answersBeside = (file: string): string =>
	path.join(path.dirname(file), `${path.basename(file, path.extname(file))}.answers`);
