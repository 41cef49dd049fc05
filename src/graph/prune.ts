import type { Graph, Node, Value } from './types.ts';

/** The graph without what its outputs do not need: nodes, weights and constants. Inputs all stay. */
export function prune(graph: Graph): Graph {
	const needed = new Set<Value>(graph.outputs);
	const nodes: Node[] = [];
	for (const node of [...graph.nodes].reverse()) {
		if (!node.outputs.some((value) => needed.has(value))) continue;
		for (const value of node.inputs) if (value) needed.add(value);
		nodes.push(node);
	}
	return {
		...graph,
		nodes: nodes.reverse(),
		weights: new Map([...graph.weights].filter(([, value]) => needed.has(value))),
		constants: new Map([...graph.constants].filter(([, { value }]) => needed.has(value))),
	};
}
