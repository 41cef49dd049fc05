import type { Tensor } from '../base/tensor.ts';
import type { TextConfig } from '../checkpoint/config.ts';
import type { Graph } from '../graph/index.ts';
import type { Runtime, Session } from '../runtime/runtime.ts';
import { ROPE_COS, ROPE_SIN, ropeTables } from '../vlm/rope.ts';
import { CAPTIONS } from './contrastive.ts';
import type { Part } from './recipe.ts';

/** All parameters of a model in training, by canonical name. */
export type Weights = Map<string, Tensor<'float32'>>;

/** What a learning rate is given for. */
export type Group = Part | typeof CAPTIONS;

const PREFIXES: readonly (readonly [prefix: string, group: Group])[] = [
	['vision_tower.', 'encoder'],
	['multi_modal_projector.', 'projector'],
	['language_model.', 'decoder'],
	[`${CAPTIONS}.`, CAPTIONS],
];

/** The part of the model that a parameter belongs to; undefined for constants such as RoPE's tables. */
export const groupOf = (name: string): Group | undefined => PREFIXES.find(([prefix]) => name.startsWith(prefix))?.[1];

/** A session whose weights are bound as they are now; `text` is the configuration of the graph's text model. */
export function bindSession(runtime: Runtime, graph: Graph, weights: Weights, text: TextConfig): Promise<Session> {
	const rope = ropeTables(text);
	const constants: Readonly<Record<string, Tensor>> = { [ROPE_COS]: rope.cos, [ROPE_SIN]: rope.sin };
	return runtime.createSession(graph, async (name) => constants[name] ?? weights.get(name)!);
}

/** The parameters that a training graph takes as inputs. */
export const inputsFrom = (weights: Weights, names: readonly { name: string }[]): Record<string, Tensor> =>
	Object.fromEntries(names.map(({ name }) => [name, weights.get(name)!]));
