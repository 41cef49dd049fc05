import type { VisionPath } from '../checkpoint/vision-path.ts';
import type { Model } from '../vlm/model.ts';
import { overridePath } from '../vlm/vision.ts';
import { type AttentionShares, attentionShares, crossModalBalance } from './balance.ts';
import { encodedImages, type ProbeData, type ProbeRunOptions } from './data.ts';
import { meanInterval, meanTable } from './mean.ts';
import { type BalanceCondition, type BalanceProbe, probeHeader } from './results.ts';
import { answerRows, type TracedPrompt, tracedPrompt } from './trace.ts';

export interface ProbeBalanceOptions extends ProbeRunOptions {
	/** Parts of the vision path to replace. Default none. */
	path?: Partial<VisionPath>;
	/** System prompt; default the chat template's, if it has one. */
	system?: string;
	/** Default 32. */
	maxNewTokens?: number;
}

/**
 * Cross-modal balance and shares of attention over every step of the answers, the one that ends it included. Where there
 * is a system prompt, all is measured a second time with its tokens taken out.
 */
export async function probeBalance(
	model: Model,
	data: ProbeData,
	{ path = {}, system, maxNewTokens = 32, ...run }: ProbeBalanceOptions = {},
): Promise<BalanceProbe> {
	const header = await probeHeader(model, data);
	const asked = collector(model, 'as asked');
	const stripped = collector(model, 'without system prompt');
	const add = async (condition: Collector, prompt: TracedPrompt) => {
		const rows = condition.image(prompt);
		for await (const { attention } of answerRows(model, prompt, { maxNewTokens })) rows.add(attention);
		rows.end();
	};
	for await (const { item, tokens } of encodedImages(model, data, [overridePath(model, path)], run)) {
		const options = system === undefined ? {} : { system };
		const prompt = await tracedPrompt(model, tokens[0]!, item.question, options);
		await add(asked, prompt);
		if (prompt.spans.system[1] === prompt.spans.system[0]) continue;
		await add(stripped, await tracedPrompt(model, tokens[0]!, item.question, { ...options, dropSystem: true }));
	}
	const conditions = [asked, stripped].map((condition) => condition.result()).filter((result) => result !== null);
	return { probe: 'balance', ...header, conditions };
}

const PARTS = ['bos', 'system', 'vision', 'user', 'answer'] as const satisfies (keyof AttentionShares)[];
type Collector = ReturnType<typeof collector>;

/** One condition; keeps means only. */
function collector({ config: { text } }: Model, name: string) {
	const balances = meanTable(text.layers, text.heads);
	const shares = meanTable(text.layers, PARTS.length);
	const perImage = { balance: [] as number[], shares: PARTS.map((): number[] => []) };
	let rows = 0;
	let systemTokens = 0;

	return {
		image({ spans }: TracedPrompt) {
			systemTokens = spans.system[1] - spans.system[0];
			const own = meanTable(1, 1);
			const ownShares = meanTable(PARTS.length, 1);
			return {
				/** One step: [layers][heads][keys] */
				add(attention: Float32Array[][]) {
					rows++;
					attention.forEach((heads, layer) => {
						heads.forEach((row, head) => {
							const balance = crossModalBalance(row, spans);
							balances.add(layer, head, balance);
							own.add(0, 0, balance);
							const share = attentionShares(row, spans);
							PARTS.forEach((part, i) => {
								shares.add(layer, i, share[part]);
								ownShares.add(i, 0, share[part]);
							});
						});
					});
				},
				end() {
					const [mean] = own.rowMeans();
					if (mean != null) perImage.balance.push(mean);
					ownShares.rowMeans().forEach((share, i) => {
						perImage.shares[i]!.push(share!);
					});
				},
			};
		},
		result(): BalanceCondition | null {
			if (rows === 0) return null;
			const named = <T>(values: readonly T[]) =>
				Object.fromEntries(PARTS.map((part, i) => [part, values[i]!])) as Record<(typeof PARTS)[number], T>;
			const overall = named(perImage.shares.map((values) => meanInterval(values)!));
			return {
				name,
				systemTokens,
				rows,
				balance: meanInterval(perImage.balance)!,
				balanceByHead: balances.means(),
				shares: overall,
				sharesByLayer: shares.means().map((layer) => named(layer as number[])),
				visionOfImageAndUser: overall.vision.mean / (overall.vision.mean + overall.user.mean),
			};
		},
	};
}
