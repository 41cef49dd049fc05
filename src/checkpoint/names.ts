/**
 * Key names of the layouts in use, each rewritten to the canonical one (the older Hugging Face layout, in which our own
 * checkpoints are written). The first rule that fits counts; no two layouts have rules that fit one name differently.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
	// Hugging Face, older: already canonical.
	[/^(language_model|vision_tower\.vision_model|multi_modal_projector)\./, '$1.'],
	// Hugging Face, newer (transformers 4.52 and later).
	[/^model\.language_model\./, 'language_model.model.'],
	[/^model\.vision_tower\.vision_model\./, 'vision_tower.vision_model.'],
	[/^model\.multi_modal_projector\./, 'multi_modal_projector.'],
	[/^lm_head\./, 'language_model.lm_head.'],
	// Original LLaVA. The paper's code wraps the projector: `projector.` to normalise, `proj.` to pool.
	[/^model\.(layers|embed_tokens|norm)\./, 'language_model.model.$1.'],
	[/^model\.vision_tower\.vision_tower\.vision_model\./, 'vision_tower.vision_model.'],
	[/^(?:model\.)?mm_projector\.(?:proj\.)?(?:projector\.)?0\./, 'multi_modal_projector.linear_1.'],
	[/^(?:model\.)?mm_projector\.(?:proj\.)?(?:projector\.)?2\./, 'multi_modal_projector.linear_2.'],
	[/^(?:model\.)?mm_projector\.(?:proj\.)?norm\./, 'multi_modal_projector.norm.'],
	// A CLIP folder of its own.
	[/^vision_model\./, 'vision_tower.vision_model.'],
];

/** Tensors that files carry and no network reads: constants that are computed, and the text half of a CLIP model. */
const UNUSED: readonly RegExp[] = [
	/\.embeddings\.position_ids$/,
	/\.rotary_emb\.inv_freq$/,
	/^text_model\./,
	/^(visual_projection|text_projection)\.weight$/,
	/^logit_scale$/,
];

/**
 * The canonical name of a stored tensor; `null` for one that no network reads, `undefined` for one that fits no known
 * layout.
 */
export function canonicalName(stored: string): string | null | undefined {
	if (UNUSED.some((pattern) => pattern.test(stored))) return null;
	const rule = RULES.find(([pattern]) => pattern.test(stored));
	return rule && stored.replace(rule[0], rule[1]);
}

/** The learnt weight of the paper's normalisation. */
export const PROJECTOR_NORM = 'multi_modal_projector.norm.weight';
