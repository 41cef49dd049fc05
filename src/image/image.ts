/** Pixels as plain data: 8-bit RGB, row-major, no alpha. The one form of an image inside Dorsal. */
export interface RgbImage {
	/** In pixels. */
	width: number;
	/** In pixels. */
	height: number;
	data: Uint8Array; // [height, width, 3]
}

/** An image of one colour. Default black. */
export function blankImage(
	width: number,
	height: number,
	colour: readonly [number, number, number] = [0, 0, 0],
): RgbImage {
	const data = new Uint8Array(width * height * 3);
	if (colour.some((value) => value !== 0)) {
		for (let i = 0; i < data.length; i += 3) data.set(colour, i);
	}
	return { width, height, data };
}

/** Copies `image` onto `target` with its top left corner at (left, top); what falls outside is cut off. */
export function pasteImage(target: RgbImage, image: RgbImage, left: number, top: number): void {
	const fromX = Math.max(0, -left);
	const toX = Math.min(image.width, target.width - left);
	if (toX <= fromX) return;
	for (let y = Math.max(0, -top); y < Math.min(image.height, target.height - top); y++) {
		const row = image.data.subarray((y * image.width + fromX) * 3, (y * image.width + toX) * 3);
		target.data.set(row, ((y + top) * target.width + left + fromX) * 3);
	}
}
