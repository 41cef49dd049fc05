import { InputError } from '../../base/errors.ts';
import { gridSide } from '../../vlm/clip.ts';
import type { DialogueStage } from '../recipe.ts';
import type { LlavaData, ScenesData } from '../recipe-data.ts';
import type { StageContext } from '../stage.ts';
import { layoutOf } from './batch.ts';
import { type Conversations, checkPlainText, llavaSample } from './llava.ts';
import { conversationOrder, stepsOf } from './order.ts';
import { chatWording, plainWording, type Sample } from './sample.ts';
import { checkPhases, sceneSamples } from './scenes.ts';

/** Where a stage's samples come from. */
export interface SampleSource {
	steps: number;
	/** Tokens before the image, the same in every sample. */
	imageAt: number;
	/** Whether there are images at all. */
	vision: boolean;
	/** The samples of step `step` (1 is the first), determined by it alone. */
	samples(step: number): Promise<readonly Sample[]>;
}

/** Opens LLaVA's JSON on this platform; paths are as the recipe has them. */
export type OpenConversations = (paths: { json: string; images: string }) => Promise<Conversations>;

/** What samples depend on beside their stage. */
export type SourceContext = Pick<StageContext, 'text' | 'config' | 'preprocess' | 'seed' | 'tail'>;

/** The samples that a stage trains on. Throws an InputError for data that it could not be carried out with. */
export async function openSource(
	stage: DialogueStage,
	context: SourceContext,
	openConversations: OpenConversations,
): Promise<SampleSource> {
	const { data } = stage;
	if (data.source === 'scenes') return sceneSource(stage, data, context);
	return conversationSource(stage, { data, conversations: await openConversations(data) }, context);
}

function sceneSource(
	{ name, batch, steps, seed: own }: DialogueStage,
	data: ScenesData,
	{ text, config, preprocess, tail, seed: common }: SourceContext,
): SampleSource {
	const seed = own ?? common;
	const wording = chatWording(text);
	const drawing = { size: config.vision.imageSize, side: gridSide(config.vision), config: preprocess, wording };
	checkPhases(data, name, drawing, layoutOf({ config, tail }));
	return {
		steps: steps!,
		imageAt: wording.lead.length,
		vision: data.as === 'image',
		samples: async (step) => sceneSamples(data, { seed, stage: name, step, steps: steps!, batch }, drawing),
	};
}

function conversationSource(
	{ name, batch, steps, epochs, maxSteps, learningRate, seed: own }: DialogueStage,
	{ data, conversations }: { data: LlavaData; conversations: Conversations },
	{ text, config, preprocess, tail, seed: common }: SourceContext,
): SampleSource {
	const seed = own ?? common;
	const { entries, location } = conversations;
	const hasImage = entries.map(({ image }) => image !== null);
	const vision = hasImage.includes(true);
	if (!vision && !learningRate.decoder) {
		throw new InputError(
			`${location}: no conversation has an image, so stage ${name} has nothing to train its parts with; give the decoder a learningRate, or other data`,
			{ code: 'recipe' },
		);
	}
	checkPlainText(conversations, text);
	const wording = data.style === 'plain' ? plainWording(text) : chatWording(text, data.system);
	// A template that cannot be trained on is told now.
	wording.branch([{ question: 'q', answer: 'a' }]);
	const layout = layoutOf({ config, tail });
	const prefix = wording.lead.length + layout.visionTokens;
	if (vision && prefix >= layout.maxPositions) {
		throw new InputError(
			`recipe: stages: ${name}: an image and what stands before it take ${prefix} tokens, and the model reads ${layout.maxPositions} (max_position_embeddings); pool the vision tokens, or raise model.text.maxPositions`,
			{ code: 'conversation-too-long' },
		);
	}
	const drawing = { config: { ...preprocess, pad: data.pad ?? preprocess.pad }, wording, layout };
	const numbersOf = conversationOrder(hasImage, { seed, stage: name, batch, grouped: data.groupByModalityLength });
	return {
		steps: steps ?? Math.min(stepsOf(entries.length, epochs!, batch), maxSteps ?? Number.POSITIVE_INFINITY),
		imageAt: wording.lead.length,
		vision,
		samples: (step) => Promise.all(numbersOf(step).map((number) => llavaSample(conversations, number, drawing))),
	};
}
