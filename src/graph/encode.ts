import { create, toBinary } from '@bufbuild/protobuf';
import {
	AttributeProto_AttributeType,
	AttributeProtoSchema,
	GraphProtoSchema,
	ModelProtoSchema,
	NodeProtoSchema,
	OperatorSetIdProtoSchema,
	StringStringEntryProtoSchema,
	TensorProto_DataLocation,
	TensorProto_DataType,
	TensorProtoSchema,
	TensorShapeProto_DimensionSchema,
	TensorShapeProtoSchema,
	TypeProto_TensorSchema,
	TypeProtoSchema,
	ValueInfoProtoSchema,
} from 'onnx-buf';
import { type Dtype, sizeOf, type Tensor } from '../base/tensor.ts';
import type { Attribute, Graph, Node, Value, ValueType } from './types.ts';

/** The operator set our graphs are written in, and the file version it came with. */
export const OPSET = 23;
const IR_VERSION = 11n;

const DATA_TYPE: Record<Dtype, TensorProto_DataType> = {
	float32: TensorProto_DataType.FLOAT,
	float16: TensorProto_DataType.FLOAT16,
	int64: TensorProto_DataType.INT64,
	int32: TensorProto_DataType.INT32,
	uint8: TensorProto_DataType.UINT8,
	bool: TensorProto_DataType.BOOL,
};

const BYTES: Record<Dtype, number> = { float32: 4, float16: 2, int64: 8, int32: 4, uint8: 1, bool: 1 };

/**
 * The ONNX file of a graph. Weights are left outside: each is external data whose location is its own name, to be handed
 * to ORT beside the bytes. Equal graphs give equal bytes.
 */
export function encodeGraph(graph: Graph): Uint8Array {
	const model = create(ModelProtoSchema, {
		irVersion: IR_VERSION,
		producerName: 'dorsal',
		opsetImport: [
			create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(OPSET) }),
			create(OperatorSetIdProtoSchema, { domain: 'com.microsoft', version: 1n }),
		],
		graph: create(GraphProtoSchema, {
			name: graph.name,
			node: graph.nodes.map(encodeNode),
			input: graph.inputs.map(valueInfo),
			output: graph.outputs.map(valueInfo),
			initializer: [
				...[...graph.weights.values()].map(externalTensor),
				...[...graph.constants].map(([name, { tensor }]) => inlineTensor(name, tensor)),
			],
		}),
	});
	return toBinary(ModelProtoSchema, model);
}

function encodeNode(node: Node) {
	return create(NodeProtoSchema, {
		opType: node.operator.type,
		domain: node.operator.domain ?? '',
		input: node.inputs.map((value) => value?.name ?? ''),
		output: node.outputs.map((value) => value.name),
		attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
	});
}

function encodeAttribute(name: string, value: Attribute) {
	const type = AttributeProto_AttributeType;
	if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) });
	if (typeof value === 'string') {
		return create(AttributeProtoSchema, { name, type: type.STRING, s: new TextEncoder().encode(value) });
	}
	if ('float' in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float });
	return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) });
}

function valueInfo(value: Value) {
	return create(ValueInfoProtoSchema, { name: value.name, type: typeProto(value) });
}

function typeProto({ dtype, shape }: ValueType) {
	const dim = shape.map((size) =>
		create(TensorShapeProto_DimensionSchema, {
			value: typeof size === 'number' ? { case: 'dimValue', value: BigInt(size) } : { case: 'dimParam', value: size },
		}),
	);
	return create(TypeProtoSchema, {
		value: {
			case: 'tensorType',
			value: create(TypeProto_TensorSchema, {
				elemType: DATA_TYPE[dtype],
				shape: create(TensorShapeProtoSchema, { dim }),
			}),
		},
	});
}

function externalTensor(value: Value) {
	const shape = value.shape as readonly number[];
	const entries = { location: value.name, offset: '0', length: String(sizeOf(shape) * BYTES[value.dtype]) };
	return create(TensorProtoSchema, {
		name: value.name,
		dims: shape.map(BigInt),
		dataType: DATA_TYPE[value.dtype],
		dataLocation: TensorProto_DataLocation.EXTERNAL,
		externalData: Object.entries(entries).map(([key, v]) => create(StringStringEntryProtoSchema, { key, value: v })),
	});
}

function inlineTensor(name: string, { dtype, shape, data }: Tensor) {
	return create(TensorProtoSchema, {
		name,
		dims: shape.map(BigInt),
		dataType: DATA_TYPE[dtype],
		rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) as Uint8Array<ArrayBuffer>,
	});
}
