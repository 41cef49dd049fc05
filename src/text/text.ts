import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { validate } from '../base/json.ts';
import type { CheckpointFiles } from '../checkpoint/checkpoint.ts';
import type { LlavaConfig, TextConfig } from '../checkpoint/config.ts';
import { type Conversation, chatTemplate, VICUNA_SYSTEM, VICUNA_V1 } from './chat-template.ts';
import { encodePrompt, type Prompt } from './prompt.ts';
import { createTokenizer, type TextTokenizer } from './tokenizer.ts';

export type { Conversation, Turn } from './chat-template.ts';
export { type Prompt, splitAtImage } from './prompt.ts';
export { type PromptSpans, type Span, userText } from './spans.ts';
export type { TextTokenizer } from './tokenizer.ts';

/** Everything between text and token ids that a model needs. */
export interface TextProcessor {
	tokenizer: TextTokenizer;
	/** The Jinja source of the prompts, for manifests. */
	template: string;
	bosTokenId: number | null;
	/** Generation stops at any of these. */
	eosTokenIds: readonly number[];
	/** The id that stands for the image in a prompt; negative where it is no token of the vocabulary. */
	imageTokenId: number;
	/** The prompt for a question. Throws an InputError where a text holds a special token. */
	encodePrompt(conversation: Conversation): Prompt;
	/** Text of an answer's token ids, special tokens left out. */
	decode(ids: readonly number[]): string;
}

const configSchema = z.looseObject({ add_bos_token: z.boolean().nullish() });

/**
 * The text side of a checkpoint. Checkpoints without a chat template get LLaVA-1.5's prompt with its system prompt.
 *
 * @param location folder or URL, for messages
 */
export function createText({
	files,
	config,
	location = '',
}: {
	files: Pick<CheckpointFiles, 'tokenizer' | 'tokenizerConfig' | 'chatTemplate'>;
	config: Pick<LlavaConfig, 'bosTokenId' | 'eosTokenIds' | 'imageTokenId'> & { text: Pick<TextConfig, 'vocabSize'> };
	location?: string;
}): TextProcessor {
	const at = (file: string) => (location === '' ? file : `${location}/${file}`);
	const { add_bos_token: addBos } = validate(configSchema, files.tokenizerConfig ?? {}, {
		where: at('tokenizer_config.json'),
		code: 'tokenizer',
	});
	const where = at('tokenizer.json');
	const tokenizer = createTokenizer(files.tokenizer, files.tokenizerConfig, { where });
	if (tokenizer.vocabularySize > config.text.vocabSize) {
		throw new InputError(
			`${where}: it has ${tokenizer.vocabularySize} ids, but the model ${config.text.vocabSize} (config.json: text_config.vocab_size); is it another model's tokenizer?`,
			{ code: 'tokenizer' },
		);
	}
	const { bosTokenId, eosTokenIds, imageTokenId } = config;
	const spelling = (id: number | null | undefined) => (id == null ? '' : (tokenizer.tokenString(id) ?? ''));
	const placeholder = spelling(imageTokenId) || '<image>';
	const template = chatTemplate(files.chatTemplate ?? VICUNA_V1, {
		placeholder,
		variables: { bos_token: spelling(bosTokenId), eos_token: spelling(eosTokenIds[0]) },
		where: at('chat template'),
	});
	const parts = {
		tokenizer,
		template,
		placeholder,
		imageTokenId,
		bosTokenId,
		addBos: addBos === true,
		defaultSystem: files.chatTemplate === null ? VICUNA_SYSTEM : undefined,
	};
	return {
		tokenizer,
		template: template.source,
		bosTokenId,
		eosTokenIds,
		imageTokenId,
		encodePrompt: (conversation) => encodePrompt(conversation, parts),
		decode: (ids) => tokenizer.decode(ids),
	};
}
