import type { Tensor } from '../base/tensor.ts';
import type { LlavaConfig } from '../checkpoint/config.ts';
import type { PreprocessConfig } from '../image/preprocess-config.ts';
import type { Fetches, Runtime } from '../runtime/runtime.ts';
import type { TextProcessor } from '../text/text.ts';
import type { VisionTail } from '../vlm/vision-tail.ts';
import type { Sample } from './data/sample.ts';
import { gradientName } from './graphs.ts';
import type { Weights } from './weights.ts';

/** What stages work on. */
export interface StageContext {
	runtime: Runtime;
	config: LlavaConfig;
	text: TextProcessor;
	preprocess: PreprocessConfig;
	/** What is done to the image's features, constants filled in. */
	features: { layers: number[]; postLayerNorm: boolean };
	tail: VisionTail;
	/** Seed of stages that have none of their own. */
	seed: number;
	/** Trained in place: values are replaced, never written into. */
	weights: Weights;
}

/** The mean loss of one step's samples and its derivatives, before clipping. */
export interface StepGradients {
	loss: number;
	/** Share of the targets that are likeliest. */
	accuracy: number;
	/** By parameter; a parameter that no sample reaches is missing. */
	gradients: Map<string, Tensor<'float32'>>;
}

/** One stage, ready to run. Holds sessions until `release`. */
export interface StageRunner {
	steps: number;
	/** The parameters that it trains. */
	trained: readonly { name: string; shape: readonly number[] }[];
	/** Gradients at the present weights for step `step` (1 is the first): nothing else determines them. */
	gradients(step: number): Promise<StepGradients>;
	/** Whether the model would answer each branch rightly, word for word; null where a stage cannot ask. */
	answers: ((samples: readonly Sample[]) => Promise<boolean[][]>) | null;
	release(): Promise<void>;
}

/** Adds what a gradient session gave to the sum of a step, which may be written into. */
export function accumulate(
	sum: StepGradients,
	{ loss, accuracy, ...rest }: Fetches,
	trained: readonly { name: string }[],
): void {
	sum.loss += (loss!.data as Float32Array)[0]!;
	sum.accuracy += (accuracy!.data as Float32Array)[0]!;
	for (const { name } of trained) {
		const part = rest[gradientName(name)] as Tensor<'float32'>;
		const known = sum.gradients.get(name);
		if (!known) {
			sum.gradients.set(name, part);
			continue;
		}
		const [to, from] = [known.data, part.data];
		for (let i = 0; i < to.length; i++) to[i]! += from[i]!;
	}
}
