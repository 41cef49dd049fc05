import { float32, sizeOf, type Tensor } from '../base/tensor.ts';
import type { Runtime, Session } from '../runtime/runtime.ts';
import { gradientName, meanName, nextName, rateName, squareName, updateGraph } from './graphs.ts';
import type { Stage } from './recipe.ts';
import { scheduleAt } from './schedule.ts';
import type { StepGradients } from './stage.ts';
import { type Group, groupOf, inputsFrom, type Weights } from './weights.ts';

type Moments = Map<string, Tensor<'float32'>>;
interface Parameter {
	name: string;
	shape: readonly number[];
}

/** Clipping and AdamW for one stage. Holds a session until `release`. */
export interface Optimizer {
	/** Rates of the parts at a step. */
	learningRate(step: number): Record<string, number>;
	/**
	 * One update of weights and running means. Where the gradients' norm or a new weight is not finite, nothing is changed
	 * and `updated` is false.
	 */
	update(step: number, gradients: StepGradients['gradients']): Promise<{ gradientNorm: number; updated: boolean }>;
	release(): Promise<void>;
}

/** A sum, which one value that is not finite makes not finite: many times as fast as asking each. */
const areFinite = ({ data }: Tensor<'float32'>) => {
	let sum = 0;
	for (let i = 0; i < data.length; i++) sum += data[i]!;
	return Number.isFinite(sum);
};

const zeros = (shape: readonly number[]) => float32(shape, new Float32Array(sizeOf(shape)));

/** Running means of the parameters that have none yet. */
export function startMoments(moments: Moments, trained: readonly Parameter[]): void {
	for (const { name, shape } of trained) {
		for (const key of [meanName(name), squareName(name)]) if (!moments.has(key)) moments.set(key, zeros(shape));
	}
}

export async function createOptimizer(
	{ betas, clip, weightDecay, learningRate, schedule }: Stage,
	{ runtime, trained, steps }: { runtime: Runtime; trained: readonly Parameter[]; steps: number },
	{ weights, moments }: { weights: Weights; moments: Moments },
): Promise<Optimizer> {
	const shapes = new Map(trained.map(({ name, shape }) => [name, shape]));
	const graph = updateGraph({
		parameters: trained,
		group: (name) => groupOf(name)!,
		weightDecay: (name) => (shapes.get(name)!.length > 1 ? weightDecay : 0),
		maxGradNorm: clip,
		adamW: { beta1: betas[0], beta2: betas[1] },
	});
	const session: Session = await runtime.createSession(graph, async (name) => Promise.reject(new Error(name)));
	const groups = [...new Set(trained.map(({ name }) => groupOf(name)!))];
	const rates = (step: number) =>
		groups.map((group): [Group, number] => [
			group,
			(learningRate as Record<Group, number>)[group] * scheduleAt(schedule, step, steps),
		]);
	return {
		learningRate: (step) => Object.fromEntries(rates(step)),
		async update(step, gradients) {
			const results = await session.run({
				step: float32([], [step]),
				...Object.fromEntries(rates(step).map(([group, rate]) => [rateName(group), float32([], [rate])])),
				...inputsFrom(weights, trained),
				...Object.fromEntries(moments),
				...Object.fromEntries(
					trained.map(({ name, shape }) => [gradientName(name), gradients.get(name) ?? zeros(shape)]),
				),
			});
			const gradientNorm = (results.gradient_norm!.data as Float32Array)[0]!;
			const fits = trained.every(({ name }) => areFinite(results[nextName(name)] as Tensor<'float32'>));
			if (!Number.isFinite(gradientNorm) || !fits) return { gradientNorm, updated: false };
			for (const { name } of trained) {
				weights.set(name, results[nextName(name)] as Tensor<'float32'>);
				for (const key of [meanName(name), squareName(name)]) {
					moments.set(key, results[nextName(key)] as Tensor<'float32'>);
				}
			}
			return { gradientNorm, updated: true };
		},
		release: () => session.release(),
	};
}
