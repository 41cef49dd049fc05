import { captionConfig, contrastiveLoss } from './contrastive.ts';
import { captionBatch } from './data/captions.ts';
import { gradientGraph } from './graphs.ts';
import type { ContrastiveStage } from './recipe.ts';
import { accumulate, type StageContext, type StageRunner, type StepGradients } from './stage.ts';
import { bindSession, groupOf, inputsFrom } from './weights.ts';

/** CLIP's pre-training of the encoder on scenes and captions that list their objects in random order. */
export async function openContrastiveStage(stage: ContrastiveStage, context: StageContext): Promise<StageRunner> {
	const { config, weights, runtime, preprocess, text } = context;
	const { graph, trained } = gradientGraph(
		(name) => groupOf(name) !== undefined,
		(g, p) => contrastiveLoss(g, p, config, stage),
	);
	const session = await bindSession(runtime, graph, weights, captionConfig(config, stage));
	const drawing = {
		size: config.vision.imageSize,
		config: preprocess,
		tokenizer: text.tokenizer,
		endId: text.eosTokenIds[0]!,
		maxPositions: config.text.maxPositions,
	};
	const { name, batch, steps, data, seed = context.seed } = stage;
	return {
		steps,
		trained: trained.map((value) => ({ name: value.name, shape: value.shape as readonly number[] })),
		async gradients(step) {
			const sum: StepGradients = { loss: 0, accuracy: 0, gradients: new Map() };
			const feeds = captionBatch(data, { seed, stage: name, step, batch }, drawing);
			accumulate(sum, await session.run({ ...feeds, ...inputsFrom(weights, trained) }), trained);
			return sum;
		},
		answers: null,
		release: () => session.release(),
	};
}
