import { gridSide } from '../../vlm/clip.ts';
import type { DialogueStage } from '../recipe.ts';
import type { StageContext } from '../stage.ts';
import type { SampleSource } from '../stage-dialogue.ts';
import { type Conversations, conversationNumbers, llavaSample, stepsOf } from './llava.ts';
import { chatWording, plainWording } from './sample.ts';
import { sceneSamples } from './scenes.ts';

/** Opens LLaVA's JSON on this platform; paths are as the recipe has them. */
export type OpenConversations = (paths: { json: string; images: string }) => Promise<Conversations>;

/** The samples that a stage trains on. */
export async function openSource(
	{ name, data, batch, steps, epochs, seed: own }: DialogueStage,
	{ text, config, preprocess, seed: common }: StageContext,
	openConversations: OpenConversations,
): Promise<SampleSource> {
	const seed = own ?? common;
	if (data.source === 'scenes') {
		const wording = chatWording(text);
		const { imageSize: size } = config.vision;
		const drawing = { size, side: gridSide(config.vision), config: preprocess, wording };
		return {
			steps: steps!,
			imageAt: wording.lead.length,
			vision: data.as === 'image',
			samples: async (step) => sceneSamples(data, { seed, stage: name, step, steps: steps!, batch }, drawing),
		};
	}
	const wording = data.style === 'plain' ? plainWording(text) : chatWording(text);
	const conversations = await openConversations(data);
	const { entries } = conversations;
	return {
		steps: steps ?? stepsOf(entries.length, epochs!, batch),
		imageAt: wording.lead.length,
		vision: entries.some(({ image }) => image !== null),
		samples: (step) =>
			Promise.all(
				conversationNumbers(entries.length, { seed, stage: name, step, batch }).map((number) =>
					llavaSample(entries[number]!, conversations, { config: preprocess, wording }),
				),
			),
	};
}
