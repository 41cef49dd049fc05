/**
 * Makes a finished training run a model of the package: `node scripts/run.js scripts/ship.ts RUN NAME`. Writes
 * models/NAME in float16 with the run's recipe and its log, one line every 25 steps. The encoder lies in models/base, where
 * all others find it; one that has another encoder is refused.
 */
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint } from '../src/checkpoint/checkpoint.ts';
import { folderStore, folderWriter } from '../src/checkpoint/files.node.ts';
import { openCheckpoint } from '../src/checkpoint/open.ts';
import { writeCheckpoint } from '../src/checkpoint/write.ts';
import { type Metric, readMetrics, writeMetrics } from '../src/train/metrics.ts';
import { BASE } from './study-results.ts';

const ENCODER = 'encoder.safetensors';
const STEPS_A_LINE = 25;

async function hasEncoderOf(base: Checkpoint, other: Checkpoint): Promise<boolean> {
	for (const name of other.names.filter((n) => n.startsWith('vision_tower.'))) {
		const [a, b] = [await base.read(name), await other.read(name)];
		if (!a.data.every((value, i) => value === b.data[i])) return false;
	}
	return true;
}

/** Means over steps that follow each other within a stage; what 2DS gave stays as it is. */
function thin(metrics: readonly Metric[]): Metric[] {
	const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
	const rounded = (value: number) => Number(value.toPrecision(5));
	const groups = new Map<string, Metric[]>();
	for (const metric of metrics) {
		const key = `${metric.stage} ${Math.ceil(metric.step / STEPS_A_LINE)}`;
		groups.set(key, [...(groups.get(key) ?? []), metric]);
	}
	const last = (own: readonly Metric[]) => {
		const evaluation = own.findLast((metric) => metric.evaluation)?.evaluation;
		return { ...own.at(-1)!, ...(evaluation && { evaluation }) };
	};
	return [...groups.values()].map((own) => ({
		...last(own),
		loss: rounded(mean(own.map(({ loss }) => loss))),
		accuracy: rounded(mean(own.map(({ accuracy }) => accuracy))),
		gradientNorm: rounded(mean(own.map(({ gradientNorm }) => gradientNorm))),
		// Harmonic, so that the seconds of the lines add up to those of the steps.
		imagesPerSecond: rounded(1 / mean(own.map(({ imagesPerSecond }) => 1 / imagesPerSecond))),
	}));
}

const [run, name] = process.argv.slice(2);
if (!run || !name) {
	console.error('usage: node scripts/run.js scripts/ship.ts RUN NAME');
	process.exit(2);
}
const out = path.join('models', name);
const [runStore, modelStore] = [folderStore(run), folderStore(path.join(run, 'model'))];
const trained = await openCheckpoint(modelStore);
if (name !== BASE) {
	const base = await openCheckpoint(folderStore(path.join('models', BASE)));
	const same = await hasEncoderOf(base, trained);
	await base.close();
	if (!same) {
		console.error(`${run}: its encoder is not that of models/${BASE}; train it with --reuse of the base's run`);
		process.exit(1);
	}
}
await writeCheckpoint(
	folderWriter(out),
	{
		config: trained.config,
		visionPath: trained.visionPath,
		read: (tensor) => trained.read(tensor),
		copyFrom: modelStore,
	},
	{ dtype: 'F16', encoder: name === BASE ? ENCODER : `../${BASE}/${ENCODER}` },
);
await trained.close();
await copyFile(path.join(run, 'recipe.json'), path.join(out, 'recipe.json'));
await writeMetrics(folderWriter(out), thin(await readMetrics(runStore)));
await runStore.close();
console.log(out);
