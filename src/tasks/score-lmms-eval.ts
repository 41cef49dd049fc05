import { z } from 'zod';

/**
 * A line of the sample log that lmms-eval writes under `--log_samples`. Before its pull request 1103 (February 2026) the
 * answer is a list of one, and `resps` a list of such a list; since then it is text, and `resps` a list of one.
 */
const schema = z.looseObject({
	doc_id: z.union([z.number(), z.string()]),
	filtered_resps: z.union([z.string(), z.tuple([z.string()])]),
});

export function isLmmsEval(value: unknown): value is z.infer<typeof schema> {
	const hasAnswer = typeof value === 'object' && value !== null && Object.hasOwn(value, 'filtered_resps');
	return hasAnswer && schema.safeParse(value).success;
}

const named = z.looseObject({ question_id: z.union([z.string(), z.number()]) });

/** The question itself, which a log may copy. */
const docSchema = z.looseObject({ category: z.unknown().optional(), question: z.unknown().optional() }).catch({});

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * The same line in LLaVA's form; null where no question is named. A question's id is the line's own `question_id` (as
 * `dorsal export` writes it), or that which one of lmms-eval's metrics or its `doc` holds; `doc_id` is a place in a data
 * set of lmms-eval's own, and no id.
 */
export function lmmsEvalFields(line: z.infer<typeof schema>): Record<string, unknown> | null {
	const [text] = typeof line.filtered_resps === 'string' ? [line.filtered_resps] : line.filtered_resps;
	const doc = docSchema.parse(line.doc);
	const prompt = textOf(line.input) ?? textOf(doc.question);
	const category = textOf(line.category) ?? textOf(doc.category);
	for (const value of [line, ...Object.values(line)]) {
		const holder = named.safeParse(value);
		if (!holder.success) continue;
		const { question_id } = holder.data;
		return { question_id, text, prompt, category };
	}
	return null;
}
