import type { Model } from '../vlm/model.ts';
import { overridePath } from '../vlm/vision.ts';
import { type AttentionMapOptions, columnsOf, mapOf } from './attention-map.ts';
import { encodedImages, type ProbeData, type ProbeRunOptions, spread } from './data.ts';
import { dataAddress } from './drawing.ts';
import { entropyTotals } from './entropy-totals.ts';
import { encoderView } from './overlay.ts';
import { type AttentionMap, type AttentionProbe, probeHeader } from './results.ts';
import { chosenRows, resolveHeads } from './select-heads.ts';
import { answerRows, tracedPrompt } from './trace.ts';
import type { AttentionRows } from './vision-attention.ts';

export interface ProbeAttentionOptions extends ProbeRunOptions, AttentionMapOptions {
	/** How many of the images also get a map. Default 4. */
	maps?: number;
}

/** Side in pixels of the pictures that maps carry. */
const PICTURE = 168;

/**
 * Entropy of the attention that the tokens of the answers give the image (Sec. 7.2, Table 4), and maps of some of them
 * (Fig. 7). A choice of layers and heads restricts both.
 */
export async function probeAttention(
	model: Model,
	data: ProbeData,
	options: ProbeAttentionOptions = {},
): Promise<AttentionProbe> {
	const path = overridePath(model, options.path ?? {});
	const chosen = resolveHeads(model, options);
	const header = await probeHeader(model, data);
	const drawn = new Set(spread(data.items, options.maps ?? 4));
	const entropies = entropyTotals(chosen.layers.length, chosen.heads.length);
	const maps: AttentionMap[] = [];
	for await (const image of encodedImages(model, data, [path], options)) {
		const prompt = await tracedPrompt(model, image.tokens[0]!, image.item.question, options);
		const rows: AttentionRows[] = [];
		for await (const row of answerRows(model, prompt, options)) {
			// The end is no token of the answer; an answer that is nothing else has that row alone.
			if (!row.isEnd || row.index === 0) rows.push(chosenRows(row.attention, chosen));
		}
		entropies.add(rows, columnsOf(prompt));
		if (drawn.has(image.item)) {
			const view = await encoderView(model, await image.item.image(), { size: PICTURE });
			maps.push({ ...(await mapOf(model, path, image, options)), picture: dataAddress(view) });
		}
	}
	return { probe: 'attention', ...header, ...chosen, entropy: entropies.result(), maps };
}
