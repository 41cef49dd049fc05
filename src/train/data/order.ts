import { type Rng, rng } from '../../base/random.ts';

/** The number of steps that `epochs` passes over `count` conversations take. */
export const stepsOf = (count: number, epochs: number, batch: number) =>
	Math.max(1, Math.round((epochs * count) / batch));

export interface OrderOptions {
	seed: number;
	/** Name of the stage. */
	stage: string;
	/** Conversations a step. */
	batch: number;
	/** Whether a step's conversations are all with images or all without, as far as they make whole steps. */
	grouped: boolean;
}

/**
 * Numbers of the conversations of step `step` (1 is the first), determined by it alone: each pass takes all of them, in an
 * order of its own. `hasImage` says of each conversation whether it has one.
 */
export function conversationOrder(
	hasImage: readonly boolean[],
	{ seed, stage, batch, grouped }: OrderOptions,
): (step: number) => number[] {
	const count = hasImage.length;
	const drawn = new Map<number, number[]>();
	const orderOf = (epoch: number) => {
		const random = rng(seed, 'train', stage, 'epoch', epoch);
		const order = random.permutation(count);
		if (!grouped) return order;
		const intoStep = (epoch * count) % batch;
		return inGroups(order, hasImage, { batch, head: Math.min(count, (batch - intoStep) % batch), random });
	};
	return (step) => {
		const first = (step - 1) * batch;
		for (const epoch of drawn.keys()) if (epoch < Math.floor(first / count)) drawn.delete(epoch);
		return Array.from({ length: batch }, (_, i) => {
			const epoch = Math.floor((first + i) / count);
			const order = drawn.get(epoch) ?? orderOf(epoch);
			drawn.set(epoch, order);
			return order[(first + i) % count]!;
		});
	};
}

/**
 * LLaVA's `group_by_modality_length` (llava_trainer.py): steps of images and steps of text in random order. What makes no
 * whole step goes where a pass begins and ends; `head` conversations are left of the step that it begins in.
 */
function inGroups(
	order: readonly number[],
	hasImage: readonly boolean[],
	{ batch, head, random }: { batch: number; head: number; random: Rng },
): number[] {
	const room = Math.floor((order.length - head) / batch);
	const groups: number[][] = [];
	const rest: number[] = [];
	for (const vision of [true, false]) {
		const members = order.filter((number) => hasImage[number] === vision);
		const whole = members.length - (members.length % batch);
		for (let i = 0; i < whole; i += batch) groups.push(members.slice(i, i + batch));
		rest.push(...members.slice(whole));
	}
	const shuffled = random.shuffle(groups);
	const mixed = random.shuffle([...rest, ...shuffled.slice(room).flat()]);
	return [...mixed.slice(0, head), ...shuffled.slice(0, room).flat(), ...mixed.slice(head)];
}
